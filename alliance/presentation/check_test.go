package presentation_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func TestWhatIsAskedForAndTaken(t *testing.T) {
	t.Parallel()
	yuan := money.MustCurrency("CNY")
	number, code := presentation.Setting{}, presentation.Setting{Mode: presentation.ModeCode}
	above := presentation.Setting{Mode: presentation.ModeCodeAbove, Above: yuan.Minor(5000)}
	byNumberOffline := presentation.Setting{Mode: presentation.ModeCode, Offline: presentation.OfflineNumber}
	digest := presentation.Digest{1}
	good := presentation.Issued{Digest: digest, Card: "A", ExpiresAt: noon.Add(time.Second)}
	with := func(change func(*presentation.Issued)) *presentation.Issued {
		issued := good
		change(&issued)
		return &issued
	}
	shown, nothing := presentation.Shown{Code: &digest}, presentation.Shown{}
	pin, wrongPIN := presentation.Shown{PIN: presentation.RightPIN}, presentation.Shown{PIN: presentation.WrongPIN}
	asked := presentation.Asked{Card: "A", Merchant: "gym", Worth: 5000}
	more, late := asked, asked
	more.Worth, late.Late = 5001, true

	for name, c := range map[string]struct {
		setting presentation.Setting
		asked   presentation.Asked
		shown   presentation.Shown
		code    *presentation.Issued
		by      presentation.By
		refusal string
	}{
		"number, nothing":         {number, asked, nothing, nil, "", ""},
		"number, a code":          {number, asked, shown, &good, "code", ""},
		"number, a wrong code":    {number, asked, shown, nil, "code", "invalid_code"},
		"number, late with a PIN": {number, late, pin, nil, "pin", ""},
		"number, late, wrong PIN": {number, late, wrongPIN, nil, "", "invalid_pin"},
		"code, nothing":           {code, asked, nothing, nil, "", "code_required"},
		"code, nothing worth":     {code, presentation.Asked{Card: "A"}, nothing, nil, "", "code_required"},
		"code":                    {code, asked, shown, &good, "code", ""},
		"code, a PIN":             {code, asked, pin, nil, "", "code_required"},
		"code, wrong PIN":         {code, asked, wrongPIN, nil, "", "invalid_pin"},
		"code, late":              {code, late, nothing, nil, "", "pin_required"},
		"code, late with a PIN":   {code, late, pin, nil, "pin", ""},
		"code, late with a code":  {code, late, shown, &good, "code", ""},
		"code, late by number":    {byNumberOffline, late, nothing, nil, "number", ""},
		"above, as much":          {above, asked, nothing, nil, "number", ""},
		"above, more":             {above, more, nothing, nil, "", "code_required"},
		"above, more by code":     {above, more, shown, &good, "code", ""},
		"used":                    {code, asked, shown, with(func(i *presentation.Issued) { i.UsedSeq = 7 }), "code", "invalid_code"},
		"expired":                 {code, asked, shown, with(func(i *presentation.Issued) { i.ExpiresAt = noon }), "code", "invalid_code"},
		"of another card":         {code, asked, shown, with(func(i *presentation.Issued) { i.Card = "B" }), "code", "invalid_code"},
		"for another shop":        {code, asked, shown, with(func(i *presentation.Issued) { i.Merchant = "cafe" }), "code", "invalid_code"},
		"for this shop":           {code, asked, shown, with(func(i *presentation.Issued) { i.Merchant = "gym" }), "code", ""},
		"for less":                {code, asked, shown, with(func(i *presentation.Issued) { i.Most = 4999 }), "code", "invalid_code"},
		"for as much":             {code, asked, shown, with(func(i *presentation.Issued) { i.Most = 5000 }), "code", ""},
	} {
		by, err := c.setting.Decide(c.asked, c.shown, c.code, yuan, noon)
		var refusal *clearing.Refusal
		if errors.As(err, &refusal) {
			require.Equal(t, c.refusal, refusal.Code, name)
			continue
		}
		require.NoError(t, err, name)
		require.Empty(t, c.refusal, name)
		require.Equal(t, c.by, by, name)
	}
}

// TestARefusalTellsAGuesserNothing: a code of another card is refused in the same words as one
// that there is not.
func TestARefusalTellsAGuesserNothing(t *testing.T) {
	t.Parallel()
	yuan := money.MustCurrency("CNY")
	setting, digest := presentation.Setting{Mode: presentation.ModeCode}, presentation.Digest{1}
	said := func(code *presentation.Issued) string {
		_, err := setting.Decide(presentation.Asked{Card: "A", Merchant: "gym"}, presentation.Shown{Code: &digest}, code, yuan, noon)
		require.Error(t, err)
		return err.Error()
	}
	foreign := &presentation.Issued{Card: "B", UsedSeq: 3}
	require.Equal(t, said(nil), said(foreign))
	require.Equal(t, said(nil), said(&presentation.Issued{Card: "A", Merchant: "cafe", ExpiresAt: noon.Add(time.Hour)}))
}
