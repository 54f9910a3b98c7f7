package api

import (
	"maps"
	"slices"
)

// CommandKinds returns what a command of a batch may be.
func CommandKinds() []string {
	return slices.Collect(maps.Keys(commandReaders(nil)))
}

// MaxStreams is how many answers are streamed at once.
const MaxStreams = maxStreams

// CheckDocument reports what would keep a server from starting with a document.
func CheckDocument(text []byte) error {
	document, err := loadDocument(text)
	if err == nil {
		_, err = operationsOf(document)
	}
	return err
}
