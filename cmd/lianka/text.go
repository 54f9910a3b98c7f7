package main

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lianka/lianka/clearing/identifier"
)

// code is a flag or an argument that is the code of a circle, a shop or a till. It is read as it is stored and compared.
type code string

// UnmarshalText reads a code.
func (c *code) UnmarshalText(text []byte) error {
	read, err := identifier.Read(string(text))
	if err == nil && len(read) > maxCode {
		err = fmt.Errorf("is longer than %d bytes", maxCode)
	}
	*c = code(read)
	return err
}

// line is a flag that is one line of text for people.
type line string

// UnmarshalText reads a line.
func (l *line) UnmarshalText(text []byte) error {
	switch {
	case !utf8.Valid(text), strings.ContainsRune(string(text), utf8.RuneError): // kong puts that for what is not UTF-8
		return errors.New("is not UTF-8")
	case strings.ContainsFunc(string(text), unicode.IsControl):
		return errors.New("contains a control character; it is one line of text")
	case len(text) > maxLine:
		return fmt.Errorf("is longer than %d bytes", maxLine)
	}
	*l = line(text)
	return identifier.CheckText(string(text))
}

// Limits of codes and lines, in bytes.
const (
	maxCode = 128
	maxLine = 256
)
