package access

import (
	"slices"
	"strings"

	"github.com/lianka/lianka/clearing/ledger"
)

// Row is a kind of row, or a part of one, that not everybody sees.
type Row string

// The kinds of rows.
const (
	Transactions Row = "transactions"
	Entries      Row = "entries"
	Hashes       Row = "hashes"
	Cards        Row = "cards"
	Holders      Row = "holders"
	Holds        Row = "holds"
	Pools        Row = "pools"
	Members      Row = "members"
	Positions    Row = "positions"
	Settlements  Row = "settlements"
	Transfers    Row = "transfers"
	Nettings     Row = "netting"
	Obligations  Row = "obligations"
	Losses       Row = "losses"
	Disputes     Row = "disputes"
	Cover        Row = "cover"
	Events       Row = "events"
	Statements   Row = "statements"
	Ledgers      Row = "ledger"
	Balances     Row = "balances"
	Persons      Row = "persons"
	Telephones   Row = "telephones"
)

// Sight says which rows of a kind a role sees.
type Sight string

// What is seen.
const (
	Nothing Sight = ""
	All     Sight = "all"
	Own     Sight = "own"
	Itself  Sight = "itself" // a member sees what is its own
)

// Visibility says which rows of a kind each role sees. Roles that are not listed
// see none.
type Visibility struct {
	Row   Row
	What  string // the rows, in words
	Own   string // which of them are a merchant's own, in words
	Sight map[Role]Sight
}

func seenByOrganiser() map[Role]Sight { return map[Role]Sight{Organiser: All} }
func seenByOwner(owner Sight) map[Role]Sight {
	return map[Role]Sight{Organiser: All, Owner: owner, Leaver: owner}
}
func ownedByStaff() map[Role]Sight {
	return map[Role]Sight{Organiser: All, Owner: Own, Cashier: Own}
}
func andMember(others map[Role]Sight) map[Role]Sight {
	others[Member] = Itself
	return others
}
func ownedByStaffAndLeaver() map[Role]Sight {
	return map[Role]Sight{Organiser: All, Owner: Own, Cashier: Own, Leaver: Own}
}

// Visibilities returns the table of what is seen.
func Visibilities() []Visibility {
	return []Visibility{
		{Transactions, "transactions", "it acted, sold the card, or has an entry", andMember(ownedByStaffAndLeaver())},
		{Entries, "entries of a transaction", "on its own accounts and the card's", andMember(ownedByStaffAndLeaver())},
		{Hashes, "hashes of transactions", "", seenByOrganiser()},
		{Cards, "lists of cards", "it sold the card", andMember(ownedByStaff())},
		{Holders, "who holds a card", "it sold the card", andMember(ownedByStaff())},
		{Balances, "what is on a card that shows no code, in a circle that asks for codes", "it sold the card", map[Role]Sight{Organiser: All, Owner: Own, Member: Itself}},
		{Holds, "open holds", "it placed the hold, or sold the card", andMember(ownedByStaff())},
		{Pools, "what backs a card's passes", "", seenByOrganiser()},
		{Members, "what members earn", "", andMember(seenByOrganiser())},
		{Positions, "positions, open and settled", "its own", seenByOwner(Own)},
		{Settlements, "windows and closed months", "", seenByOwner(All)},
		{Transfers, "transfers of a settlement", "it pays or is paid", seenByOwner(Own)},
		{Nettings, "what netting saved", "", seenByOrganiser()},
		{Obligations, "obligations", "it pays or is paid", seenByOwner(Own)},
		{Losses, "who bears a loss", "", seenByOrganiser()},
		{Disputes, "disputes", "it opened the dispute", seenByOwner(Own)},
		{Cover, "caps, deposits and disputed amounts", "its own", seenByOwner(Own)},
		{Events, "events", "they concern it, or a settlement as a whole", seenByOwner(Own)},
		{Statements, "statements of a closed month", "its own", seenByOwner(Own)},
		{Ledgers, "ledger exports", "its own accounts and the card's", seenByOwner(Own)},
		{Persons, "names, languages and tags of members, the last digits of telephones", "it may know the member", map[Role]Sight{Organiser: All, Owner: Own, Cashier: Own, Member: Itself}},
		{Telephones, "telephones and birthdays of members", "it may know the member", map[Role]Sight{Organiser: All, Owner: Own, Member: Itself}},
	}
}

// sights is the table by row and role. It is never written to.
var sights = func() map[Row]map[Role]Sight {
	byRow := make(map[Row]map[Role]Sight)
	for _, v := range Visibilities() {
		byRow[v.Row] = v.Sight
	}
	return byRow
}()

// Sees reports whether the principal sees a row that belongs to some merchants.
func (p Principal) Sees(row Row, merchants ...string) bool {
	switch sights[row][p.Role] {
	case All:
		return true
	case Own:
		return slices.ContainsFunc(merchants, p.owns)
	}
	return false
}

// SeesOf reports whether the principal sees a row of a member that belongs to some merchants, or is
// the member's own.
func (p Principal) SeesOf(row Row, member string, merchants ...string) bool {
	if sights[row][p.Role] == Itself {
		return member != "" && member == p.Member
	}
	return p.Sees(row, merchants...)
}

// SeesOfPerson reports whether the principal sees a part of a member's person, which it may know.
func (p Principal) SeesOfPerson(row Row) bool { return sights[row][p.Role] != Nothing }

// Confined returns the merchant to which a query for rows of a kind is confined,
// "" if the principal sees all of them. It returns a DeniedError if it sees none.
func (p Principal) Confined(row Row) (string, error) {
	switch sight := sights[row][p.Role]; {
	case sight == All:
		return "", nil
	case sight == Own && p.Merchant != "":
		return p.Merchant, nil
	}
	return "", deny(CodeForbidden, "", "this key may not see %s", row)
}

// SeesTransaction reports whether the principal sees a transaction.
func (p Principal) SeesTransaction(t *ledger.Transaction) bool {
	return p.SeesOf(Transactions, t.Member, t.Merchant, t.Home) || p.Sees(Transactions, p.Merchant) &&
		slices.ContainsFunc(t.Entries, func(e ledger.Entry) bool { return e.Account.BelongsTo(p.Merchant) })
}

// SeesMember reports whether the principal sees which member a transaction names: the
// one who holds the card.
func (p Principal) SeesMember(t *ledger.Transaction) bool {
	return p.SeesOf(Holders, t.Member, t.Home)
}

// SeesEvent reports whether the principal sees an event that is no transaction, of a
// kind and about a party; those of a settlement as a whole are about no party.
func (p Principal) SeesEvent(kind, party string) bool {
	if party == "" && strings.HasPrefix(kind, "settlement.") {
		return p.Sees(Events) || p.Sees(Events, p.Merchant)
	}
	return p.Sees(Events, party)
}

// SeesEntry reports whether the principal sees an entry of a transaction that it
// sees.
func (p Principal) SeesEntry(e ledger.Entry) bool {
	if sights[Entries][p.Role] == Itself {
		return e.Account.ShownToMember(p.Member)
	}
	return p.Sees(Entries) || p.Sees(Entries, p.Merchant) && e.Account.ShownTo(p.Merchant)
}
