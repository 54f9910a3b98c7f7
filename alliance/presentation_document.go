package alliance

import (
	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing/money"
)

// PresentationDocument is the written form of what a circle asks to be shown for a redemption.
// It is no part of circle.yaml: a replay asks for nothing.
type PresentationDocument struct {
	Presentation string  `json:"presentation"` // number, code or code_above
	Above        *string `json:"above,omitempty"`
	Offline      string  `json:"offline,omitempty"` // pin (default) or number
}

// Setting reads the document. The error is a *FieldError with a path below "presentation".
func (d *PresentationDocument) Setting(currency money.Currency) (presentation.Setting, error) {
	r := &reader{currency: currency}
	s := presentation.Setting{Mode: presentation.Mode(d.Presentation), Above: currency.Zero(), Offline: presentation.OfflinePIN}
	switch s.Mode {
	case presentation.ModeNumber, presentation.ModeCode:
		if d.Above != nil {
			r.fail("presentation.above", "belongs to %s; this is %s", string(presentation.ModeCodeAbove), d.Presentation)
		}
	case presentation.ModeCodeAbove:
		if d.Above == nil {
			r.fail("presentation.above", "is missing; write an amount such as %q", "50.00")
		} else {
			s.Above = r.amount("presentation.above", *d.Above)
		}
	default:
		r.fail("presentation.presentation", "%q is not one of number, code, code_above", d.Presentation)
	}
	switch o := presentation.Offline(d.Offline); o {
	case "":
	case presentation.OfflinePIN, presentation.OfflineNumber:
		s.Offline = o
	default:
		r.fail("presentation.offline", "%q is not one of pin, number", d.Offline)
	}
	return s, r.err
}

// WritePresentation returns a setting as a document.
func WritePresentation(s *presentation.Setting) PresentationDocument {
	d := PresentationDocument{Presentation: string(s.Mode), Offline: string(s.Offline)}
	if s.Mode == presentation.ModeCodeAbove {
		above := s.Above.String()
		d.Above = &above
	}
	return d
}
