package alliance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
)

// booked decides commands on a state one after the other, and returns the last record.
func booked(t *testing.T, s *alliance.State, commands ...alliance.SellCard) (last alliance.Record) {
	t.Helper()
	for _, c := range commands {
		var err error
		last, err = s.Decide(c, opened.Add(time.Duration(s.LastSeq)*time.Minute))
		require.NoError(t, err)
		last.Seq = s.LastSeq + 1
		require.NoError(t, s.Apply(&last))
	}
	return last
}

// TestAJoiningBindsAsTheTillWould: a first purchase by who joined by a link is, but for the name
// of the link, the record of one where the till names the referrer.
func TestAJoiningBindsAsTheTillWould(t *testing.T) {
	t.Parallel()
	known := []alliance.SellCard{
		{Card: "1", Member: "mei", Product: "taster"},
		{Card: "2", Member: "li", Product: "taster", Referrer: given("mei")},
	}
	shop := "hotpot"
	sale := alliance.SellCard{Card: "3", Member: "wang", Product: "explorer", Merchant: &shop}
	named := sale
	named.Referrer = given("li")

	setup := newAlliance(t, alliance.AtIssue).state.Setup
	told, joined, both := alliance.NewState(alliance.Standard(), setup), alliance.NewState(alliance.Standard(), setup), alliance.NewState(alliance.Standard(), setup)
	for _, s := range []*alliance.State{joined, both} {
		s.Joinings["wang"] = alliance.Joining{Link: "7K3QX9M2ZB", Referrer: "li"}
	}
	want := booked(t, told, append(known, named)...)
	got := booked(t, joined, append(known, sale)...)
	require.Equal(t, "7K3QX9M2ZB", got.Facts.Link)
	require.Empty(t, want.Facts.Link)
	got.Facts.Link = ""
	require.Equal(t, want, got)
	require.Equal(t, []alliance.Commission{{Level: 1, Member: "li", Amount: 15_92}, {Level: 2, Member: "mei", Amount: 3_98}}, got.Facts.Commissions)
	require.Equal(t, told.Members, joined.Members)

	// The link comes before what the till says.
	other := sale
	other.Referrer = given("mei")
	record := booked(t, both, append(known, other)...)
	require.Equal(t, "li", record.Facts.Referrer)

	// Once the member has bought, nothing changes who brought it.
	both.Joinings["wang"] = alliance.Joining{Link: "0000000000", Referrer: "mei"}
	record = booked(t, both, alliance.SellCard{Card: "4", Member: "wang", Product: "explorer", Merchant: &shop})
	require.Equal(t, "li", record.Facts.Referrer)
	require.Empty(t, record.Facts.Link)
}
