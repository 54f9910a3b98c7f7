package postgres

// FindIn looks for PostgreSQL as FindBinaries does, but only in these places.
func FindIn(path string, patterns ...string) (Binaries, error) {
	found, err := search{path: path, patterns: patterns}.run()
	if err != nil {
		return Binaries{}, err
	}
	return found[0], nil
}

// MemoryFolder is where clusters in memory are.
const MemoryFolder = memoryFolder

// RoomInMemory reports whether there is room for them.
func RoomInMemory() bool { return roomInMemory() }
