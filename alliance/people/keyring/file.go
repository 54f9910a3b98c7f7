package keyring

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrExposed: others may read the file of the master key.
var ErrExposed = errors.New("others may read it; make its mode 0600")

// ReadFile reads a ring from its file, which its owner alone should read. A group that may read is let
// pass: so the mode of a systemd credential shows the one account that may.
func ReadFile(name string) (*Ring, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o037 != 0 {
		return nil, fmt.Errorf("%s: %w", name, ErrExposed)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	r, err := Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// MakeFile makes a ring in a new file of mode 0600. It never writes over one that is there: it
// returns fs.ErrExist.
func MakeFile(name string) (*Ring, error) {
	r, err := New()
	if err != nil {
		return nil, err
	}
	part, err := writePart(name, r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(part) }()
	// A link is made whole or not at all, and never over another file.
	if err := os.Link(part, name); err != nil {
		return nil, err
	}
	return r, syncFolder(name)
}

// ReplaceFile puts a ring in the place of another: whoever reads the file sees the one or the
// other.
func ReplaceFile(name string, r *Ring) error {
	part, err := writePart(name, r)
	if err != nil {
		return err
	}
	if err := os.Rename(part, name); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return syncFolder(name)
}

// ReadOrMakeFile reads a ring, and makes it first if there is none.
func ReadOrMakeFile(name string) (*Ring, error) {
	r, err := ReadFile(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	r, err = MakeFile(name)
	if errors.Is(err, fs.ErrExist) { // another process made it
		return ReadFile(name)
	}
	return r, err
}

// writePart writes a ring to a file beside the one that it is for.
func writePart(name string, r *Ring) (string, error) {
	text, err := r.Text()
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func syncFolder(name string) error {
	folder, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
