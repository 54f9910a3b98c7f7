package referral_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/referral"
)

func TestACodeIsReadAsItIsTyped(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"7K3QX9M2ZB":    "7K3QX9M2ZB",
		"7k3qx9m2zb":    "7K3QX9M2ZB",
		"7k3qx 9m2zb":   "7K3QX9M2ZB",
		" 7K3QX-9M2ZB ": "7K3QX9M2ZB",
		"oOiIlL0189":    "0011110189",
		"":              "",
		"7K3QX9M2Z":     "",
		"7K3QX9M2ZBB":   "",
		"7K3QX9M2ZU":    "", // no letter of the alphabet
		"7K3QX9M2Z.":    "",
		"７K3QX9M2ZB":    "",
		"7K3QX9M2Zé":    "",
		"7K3QX9M2Z\x00": "",
	} {
		code, ok := referral.ReadCode(text)
		require.Equal(t, want != "", ok, "%q", text)
		if ok {
			require.Equal(t, want, code, "%q", text)
		}
	}
}
