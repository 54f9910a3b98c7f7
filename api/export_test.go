package api

import "github.com/lianka/lianka/alliance"

// NewByDocument returns a server like New, for another document.
func NewByDocument(config Config, document []byte) (*Server, error) {
	return newServer(config, document)
}

// Document returns the document.
func Document() string { return string(openapiYAML) }

// MaxStreams is how many answers are streamed at once.
const (
	MaxStreams         = maxStreams
	MaxAllianceStreams = maxAllianceStreams
)

// CheckDocument reports what would keep a server from starting with a document.
func CheckDocument(text []byte) error {
	document, err := loadDocument(text)
	if err != nil {
		return err
	}
	operations, err := operationsOf(document)
	if err != nil {
		return err
	}
	_, err = commandsOf(alliance.Standard(), document, operations)
	return err
}

// StreamSlots returns what takes a place for an answer that is streamed, as a server does.
func StreamSlots() func(allianceID int64) (release func()) { return new(streamSlots).take }
