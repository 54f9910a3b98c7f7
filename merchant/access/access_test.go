package access_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/merchant/access"
)

// principals returns one principal of each role. Who acts for a merchant acts for
// the cafe.
func principals() map[access.Role]access.Principal {
	all := make(map[access.Role]access.Principal)
	for _, role := range access.Roles() {
		all[role] = access.Principal{Role: role}
	}
	for _, role := range []access.Role{access.Owner, access.Cashier, access.Leaver} {
		all[role] = access.Principal{Role: role, Merchant: "cafe"}
	}
	all[access.Member] = access.Principal{Role: access.Member, Member: "m1"}
	for _, role := range []access.Role{access.Organiser, access.Owner, access.Cashier, access.Leaver} {
		p := all[role]
		p.Staff = "stf_1" // in a session; a key's has none
		all[role] = p
	}
	return all
}

func code(err error) string {
	var denied *access.DeniedError
	if errors.As(err, &denied) {
		return denied.Code
	}
	return ""
}

func TestEveryOperationForEveryRole(t *testing.T) {
	t.Parallel()
	cafe, hotpot := "cafe", "hotpot"
	seen := make(map[string]bool)
	for _, permission := range access.Permissions() {
		require.False(t, seen[permission.Operation], "%s is in the table once", permission.Operation)
		seen[permission.Operation] = true
		for role, p := range principals() {
			grant, err := p.For(permission.Operation)
			reach := permission.Reach[role]
			require.Equal(t, reach != access.None, access.Permitted(permission.Operation, role))
			if reach == access.None {
				require.Equal(t, access.CodeForbidden, code(err), "%s: %s", permission.Operation, role)
				require.Equal(t, access.CodeHidden, code(grant.Check("card", "cafe")), "a denied grant grants nothing")
				continue
			}
			require.NoError(t, err, "%s: %s", permission.Operation, role)
			if reach == access.Personal || reach == access.Anyone {
				requireNothingOfMerchants(t, grant)
				continue
			}
			if role == access.Member {
				requireOwnOfMember(t, grant)
				continue
			}
			if reach == access.Everything {
				require.NoError(t, grant.CheckMember("card", "m1"))
			} else {
				require.Equal(t, access.CodeHidden, code(grant.CheckMember("card", "m1")))
			}
			at, err := grant.At(nil)
			require.NoError(t, err)
			elsewhere, otherErr := grant.At(&hotpot)
			require.NoError(t, grant.Check("card", cafe))
			if reach == access.Everything {
				require.True(t, grant.Everything())
				require.Nil(t, at)
				require.NoError(t, otherErr)
				require.Equal(t, &hotpot, elsewhere)
				require.NoError(t, grant.Check("card", ""))
				require.Empty(t, grant.Merchant())
				continue
			}
			require.False(t, grant.Everything())
			require.Equal(t, &cafe, at)
			require.Equal(t, access.CodeForbiddenMerchant, code(otherErr))
			require.Equal(t, access.CodeHidden, code(grant.Check("card", hotpot)))
			require.Equal(t, access.CodeHidden, code(grant.Check("card", "")), "what was sold online is nobody's")
			require.Equal(t, cafe, grant.Merchant())
		}
	}
}

func TestWhatIsInNoTableIsDenied(t *testing.T) {
	t.Parallel()
	for role, p := range principals() {
		_, err := p.For("printMoney")
		require.Equal(t, access.CodeForbidden, code(err), role)
		require.False(t, p.Sees("diaries", "cafe"), role)
		_, err = p.Confined("diaries")
		require.Equal(t, access.CodeForbidden, code(err), role)
	}
	for _, p := range []access.Principal{{}, {Role: "auditor", Merchant: "cafe"}, {Role: access.Owner}, access.Key{Role: "auditor", Merchant: "cafe"}.Principal()} {
		_, err := p.For("getCard")
		require.Equal(t, access.CodeForbidden, code(err), "%+v", p)
		require.False(t, p.Sees(access.Cards, ""), "an empty merchant is no merchant")
	}
	_, err := (access.Grant{}).At(nil)
	require.Equal(t, access.CodeForbidden, code(err))
}

// requireOwnOfMember requires that a grant of the member m1 is for what is the member's own.
func requireOwnOfMember(t *testing.T, grant access.Grant) {
	t.Helper()
	require.Equal(t, "m1", grant.Member())
	require.NoError(t, grant.CheckMember("card", "m1"))
	require.Equal(t, access.CodeHidden, code(grant.CheckMember("card", "m2")))
	require.Equal(t, access.CodeHidden, code(grant.CheckMember("card", "")), "what nobody holds is nobody's")
	require.Equal(t, access.CodeHidden, code(grant.Check("card", "cafe")))
	cafe := "cafe"
	_, err := grant.At(&cafe)
	require.Equal(t, access.CodeForbidden, code(err), "a member acts at no shop")
	nowhere, err := grant.At(nil)
	require.NoError(t, err)
	require.Nil(t, nowhere)
	require.Empty(t, grant.Merchant())
	require.False(t, grant.Everything())
}

// requireNothingOfMerchants requires that a grant reaches what is nobody's but the person's.
func requireNothingOfMerchants(t *testing.T, grant access.Grant) {
	t.Helper()
	require.False(t, grant.Everything())
	require.Empty(t, grant.Merchant())
	require.Empty(t, grant.Member())
	require.Equal(t, access.CodeHidden, code(grant.Check("card", "cafe")))
	require.Equal(t, access.CodeHidden, code(grant.CheckMember("card", "m1")))
	_, err := grant.At(nil)
	require.Equal(t, access.CodeForbidden, code(err))
}

func TestAKeyIsNoPersons(t *testing.T) {
	t.Parallel()
	for _, key := range []access.Key{{Role: access.OrganiserKey}, {Role: access.MerchantKey, Merchant: "cafe", Till: "1", Right: access.OwnerRight}} {
		_, err := key.Principal().For("listSessions")
		require.Equal(t, access.CodeForbidden, code(err))
		require.ErrorContains(t, err, "a session")
	}
}

func TestWhoHasShownNothingMayDoWhatIsPublicAlone(t *testing.T) {
	t.Parallel()
	for _, p := range access.Permissions() {
		_, err := access.Principal{Role: access.Nobody}.For(p.Operation)
		require.Equal(t, access.Public(p.Operation), err == nil, p.Operation)
		for _, role := range access.Roles() {
			if access.Public(p.Operation) && role != access.Operator {
				require.Equal(t, access.Anyone, p.Reach[role], "%s: what is public is open to %s too", p.Operation, role)
			}
		}
	}
}

func TestRolesToComeMayDoNothingYet(t *testing.T) {
	t.Parallel()
	for _, role := range []access.Role{access.Operator} {
		for _, p := range access.Permissions() {
			require.False(t, access.Permitted(p.Operation, role), p.Operation)
		}
		for _, v := range access.Visibilities() {
			require.False(t, access.Principal{Role: role, Merchant: "cafe"}.Sees(v.Row, "cafe"), v.Row)
		}
	}
}

func TestEveryRowForEveryRole(t *testing.T) {
	t.Parallel()
	for _, v := range access.Visibilities() {
		for role, p := range principals() {
			confined, err := p.Confined(v.Row)
			switch v.Sight[role] {
			case access.All:
				require.True(t, p.Sees(v.Row), v.Row)
				require.NoError(t, err)
				require.Empty(t, confined)
			case access.Own:
				require.True(t, p.Sees(v.Row, "hotpot", "cafe"), v.Row)
				require.False(t, p.Sees(v.Row, "hotpot", ""), v.Row)
				require.NoError(t, err)
				require.Equal(t, "cafe", confined)
				require.NotEmpty(t, v.Own, "what is its own of %s", v.Row)
			default:
				require.False(t, p.Sees(v.Row, "cafe"), v.Row)
				require.Equal(t, access.CodeForbidden, code(err), v.Row)
			}
		}
	}
}

func TestTransactionsAndTheirEntries(t *testing.T) {
	t.Parallel()
	card := ledger.Entry{Account: ledger.Account{Kind: ledger.CardValue, Owner: "8801"}}
	hotpots := ledger.Entry{Account: ledger.Account{Kind: ledger.Merchants, Owner: "hotpot"}}
	cafes := ledger.Entry{Account: ledger.Account{Kind: ledger.Merchants, Owner: "cafe"}}
	all := principals()
	for name, test := range map[string]struct {
		transaction ledger.Transaction
		seen        bool
	}{
		"it acted":             {ledger.Transaction{Merchant: "cafe"}, true},
		"it sold the card":     {ledger.Transaction{Merchant: "hotpot", Home: "cafe"}, true},
		"it has an entry":      {ledger.Transaction{Entries: []ledger.Entry{hotpots, cafes}}, true},
		"another's":            {ledger.Transaction{Merchant: "hotpot", Entries: []ledger.Entry{card, hotpots}}, false},
		"of nobody's merchant": {ledger.Transaction{Entries: []ledger.Entry{card}}, false},
	} {
		require.True(t, all[access.Organiser].SeesTransaction(&test.transaction), name)
		require.Equal(t, test.seen, all[access.Owner].SeesTransaction(&test.transaction), name)
		require.Equal(t, test.seen, all[access.Cashier].SeesTransaction(&test.transaction), name)
		require.False(t, all[access.Member].SeesTransaction(&test.transaction), name)
	}
	require.True(t, all[access.Owner].SeesEntry(card))
	require.True(t, all[access.Owner].SeesEntry(cafes))
	require.False(t, all[access.Owner].SeesEntry(hotpots))
	require.True(t, all[access.Organiser].SeesEntry(hotpots))
	require.False(t, all[access.Operator].SeesEntry(card))
}

func TestPaymentsAreBookedByWhoIsPaid(t *testing.T) {
	t.Parallel()
	for role, p := range principals() {
		grant, err := p.For("receivePayment")
		if err != nil {
			continue
		}
		payee, err := grant.Payee(true)
		require.NoError(t, err)
		_, withoutReference := grant.Payee(false)
		if role == access.Organiser {
			require.Empty(t, payee)
			require.NoError(t, withoutReference)
			continue
		}
		require.Equal(t, "cafe", payee)
		require.Equal(t, access.CodeForbidden, code(withoutReference))
	}
}

func TestShopKeysActForWhomTheirRightSays(t *testing.T) {
	t.Parallel()
	for right, role := range map[access.Right]access.Role{access.CashierRight: access.Cashier, access.OwnerRight: access.Owner} {
		key := access.Key{ID: "key_1", AllianceID: 7, Role: access.MerchantKey, Merchant: "cafe", Till: "1", Right: right}
		require.Equal(t, access.Credential{
			ID: "key_1", AllianceID: 7, Principal: access.Principal{Role: role, Merchant: "cafe"}, Caller: "shop:cafe/1",
		}, key.Credential())
	}
	require.Equal(t, access.Principal{}, access.Key{Role: access.MerchantKey, Merchant: "cafe", Right: "manager"}.Principal(), "a right to come")
	require.Equal(t, access.Principal{}, access.Key{Role: access.MerchantKey, Merchant: "cafe"}.Principal())
	require.Equal(t, access.Principal{Role: access.Organiser}, access.Key{Role: access.OrganiserKey}.Principal())
}
