package signin_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

func TestWhoMayMakeALinkForAMember(t *testing.T) {
	t.Parallel()
	till, owner := access.Principal{Role: access.Cashier, Merchant: "cafe"}, access.Principal{Role: access.Owner, Merchant: "cafe"}
	for name, test := range map[string]struct {
		by   access.Principal
		h    signin.Holder
		want error
	}{
		"a till enrols its own":                 {till, signin.Holder{Homes: []string{"cafe", "cafe"}}, nil},
		"not who has signed in":                 {till, signin.Holder{Homes: []string{"cafe"}, SignedIn: true}, signin.ErrSignedIn},
		"the owner brings back its own":         {owner, signin.Holder{Homes: []string{"cafe"}, SignedIn: true}, nil},
		"no till opens another shop's card":     {till, signin.Holder{Homes: []string{"cafe", "gym"}}, signin.ErrNotYours},
		"no owner opens another shop's card":    {owner, signin.Holder{Homes: []string{"cafe", "gym"}, SignedIn: true}, signin.ErrNotYours},
		"nor one that was sold online":          {owner, signin.Holder{Homes: []string{"cafe", ""}}, signin.ErrNotYours},
		"nor of who is known elsewhere":         {owner, signin.Holder{Homes: []string{"cafe"}, Others: true}, signin.ErrNotYours},
		"nor of who holds none":                 {owner, signin.Holder{}, signin.ErrNotYours},
		"the organiser for everybody":           {access.Principal{Role: access.Organiser}, signin.Holder{Homes: []string{"cafe", "gym"}, SignedIn: true}, nil},
		"who acts at no shop, not what is none": {access.Principal{Role: access.Owner}, signin.Holder{Homes: []string{""}}, signin.ErrNotYours},
	} {
		err := signin.MayLink(test.by, test.h)
		if test.want == nil {
			require.NoError(t, err, name)
			continue
		}
		require.Same(t, test.want, err, name)
		require.ErrorIs(t, err, signin.ErrLink)
	}
}
