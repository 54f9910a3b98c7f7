package people

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/identifier"
	"github.com/lianka/lianka/clearing/message"
)

// Details are what is personal of a person. All but the telephone may be empty.
type Details struct {
	Telephone string   `json:"telephone"` // E.164
	Name      string   `json:"display_name,omitempty"`
	Birthday  string   `json:"birthday,omitempty"` // month and day: 02-29
	Language  string   `json:"language,omitempty"` // BCP 47: zh-CN
	Tags      []string `json:"tags,omitempty"`     // the circle's own
}

// The limits of what is kept of a person.
const (
	MaxName = 60 // characters
	MaxTags = 20
	MaxTag  = 30 // characters
)

// FieldError says what is wrong with a field, without quoting it.
type FieldError struct {
	Field, Reason string
	Message       *message.Message // Reason, to be said in other languages
}

func fieldError(field, format string, values ...any) *FieldError {
	m := message.New(format, values...)
	return &FieldError{field, m.English(), &m}
}

// Error returns field and reason.
func (e *FieldError) Error() string { return e.Field + ": " + e.Reason }

// read returns the details as they are kept, or a *FieldError.
func (d Details) read(al clearing.Alliance) (Details, error) {
	var err error
	if d.Telephone, err = ReadTelephone(d.Telephone, Region(al)); err != nil {
		return d, err
	}
	d.Name = norm.NFC.String(strings.TrimSpace(d.Name))
	switch {
	case utf8.RuneCountInString(d.Name) > MaxName:
		return d, fieldError("display_name", "has more than %d characters", MaxName)
	case identifier.CheckText(d.Name) != nil:
		return d, fieldError("display_name", "contains what can't be seen in print; write it without")
	}
	if d.Birthday != "" {
		// A leap year, so that who was born on 29 February has a birthday.
		if _, err := time.Parse(time.DateOnly, "2000-"+d.Birthday); err != nil {
			return d, fieldError("birthday", "is a month and a day, such as 02-29; the year is not kept")
		}
	}
	if d.Language != "" {
		tag, err := language.Parse(d.Language)
		if err != nil {
			return d, fieldError("language", "is no language such as zh-CN or en")
		}
		d.Language = tag.String()
	}
	d.Tags, err = readTags(d.Tags)
	return d, err
}

func readTags(tags []string) ([]string, error) {
	if len(tags) > MaxTags {
		return nil, fieldError("tags", "are more than %d", MaxTags)
	}
	read := make([]string, 0, len(tags))
	for i, tag := range tags {
		tag, err := identifier.Read(tag)
		if err != nil || tag == "" || utf8.RuneCountInString(tag) > MaxTag {
			return nil, fieldError(fmt.Sprintf("tags[%d]", i), "is empty, has more than %d characters, or contains what can't be seen", MaxTag)
		}
		read = append(read, tag)
	}
	slices.Sort(read)
	read = slices.Compact(read)
	if len(read) == 0 {
		return nil, nil
	}
	return read, nil
}

// FieldNames returns the names of the details that are known, as reads are recorded.
func (d Details) FieldNames() []string {
	var names []string
	for _, f := range []struct {
		name  string
		known bool
	}{
		{"telephone", d.Telephone != ""}, {"display_name", d.Name != ""}, {"birthday", d.Birthday != ""},
		{"language", d.Language != ""}, {"tags", len(d.Tags) > 0},
	} {
		if f.known {
			names = append(names, f.name)
		}
	}
	return names
}

// TelephoneEnd returns the last digits of the telephone.
func (d Details) TelephoneEnd() string { return lastDigits(d.Telephone) }
