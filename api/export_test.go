package api

import "github.com/lianka/lianka/alliance"

// NewByDocument returns a server like New, for another document.
func NewByDocument(config Config, document []byte) (*Server, error) {
	c, err := newContract(document)
	if err != nil {
		return nil, err
	}
	return newServer(config, c)
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
	c, err := newContract(text)
	if err != nil {
		return err
	}
	_, err = commandsOf(alliance.Standard(), c.document, c.operations)
	return err
}

// StreamSlots returns what takes a place for an answer that is streamed, as a server does.
func StreamSlots() func(allianceID int64) (release func()) { return new(streamSlots).take }

// WrongCodes are the limits on wrong codes of a till.
var WrongCodes = wrongCodes
