package people_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/clearing"
)

func (r *registry) allows(member string, purpose people.Purpose, party string) bool {
	r.t.Helper()
	allowed, err := r.Allows(r.t.Context(), r.circle.ID, member, purpose, party)
	require.NoError(r.t, err)
	return allowed
}

func TestNothingIsConsentedToUntilItIs(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	for _, p := range people.Purposes() {
		require.False(t, r.allows(member, p, "cafe"), p)
	}
	given := people.Decision{Purpose: people.Messages, Party: "cafe", Choice: people.Given, Version: 1, Place: people.InSession}
	decided, err := r.Decide(t.Context(), r.circle.ID, member, given, noon)
	require.NoError(t, err)
	require.Equal(t, noon, decided.At)
	require.True(t, r.allows(member, people.Messages, "cafe"))
	require.False(t, r.allows(member, people.Messages, "gym"), "for each shop separately")
	require.False(t, r.allows(member, people.Profiling, "cafe"), "for each purpose separately")

	withdrawn := given
	withdrawn.Choice, withdrawn.Version = people.Withdrawn, 0
	_, err = r.Decide(t.Context(), r.circle.ID, member, withdrawn, noon.Add(time.Hour))
	require.NoError(t, err)
	require.False(t, r.allows(member, people.Messages, "cafe"))
	decisions, err := people.Decisions(t.Context(), r.db, r.circle.ID, member)
	require.NoError(t, err)
	require.Len(t, decisions, 2)
	require.Equal(t, people.Decision{Purpose: people.Messages, Party: "cafe", Choice: people.Withdrawn, Version: 1, Place: "member", At: noon.Add(time.Hour)}, decisions[0])

	_, err = r.Decide(t.Context(), r.circle.ID, "nobody", given, noon)
	require.ErrorIs(t, err, people.ErrNoPerson)
	_, err = r.db.Exec(t.Context(), `UPDATE consents SET decision = 'given'`)
	require.Error(t, err, "what was decided is the proof, and stays")
}

func TestConsentIsGivenToTheTextInForce(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	given := people.Decision{Purpose: people.Messages, Party: "cafe", Choice: people.Given, Version: 1, Place: people.InSession}
	_, err := r.Decide(t.Context(), r.circle.ID, member, given, noon)
	require.NoError(t, err)
	set, err := r.SetText(t.Context(), r.circle.ID, people.Text{Purpose: people.Messages, Chinese: "我同意每月收到一条消息。", English: "One message a month."}, noon)
	require.NoError(t, err)
	require.Equal(t, 2, set.Version)
	require.True(t, r.allows(member, people.Messages, "cafe"), "what was given stays given")
	given.Party = "gym"
	_, err = r.Decide(t.Context(), r.circle.ID, member, given, noon)
	require.ErrorIs(t, err, people.ErrTextChanged)
	given.Version = 2
	_, err = r.Decide(t.Context(), r.circle.ID, member, given, noon)
	require.NoError(t, err)
	texts, err := r.Texts(t.Context(), r.circle.ID)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 1}, []int{texts[0].Version, texts[1].Version, texts[2].Version})
	require.Equal(t, "One message a month.", texts[1].English)
	_, err = r.SetText(t.Context(), r.circle.ID, people.Text{Purpose: people.Messages, Chinese: "中"}, noon)
	var refused *people.FieldError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "english", refused.Field)
}

func TestARegistrationWithAConsentThatFailsRegistersNobody(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	with := people.Registration{Details: ann, By: "cafe", Consents: []people.Decision{
		{Purpose: people.SeeDetails, Party: "cafe", Choice: people.Given, Version: 1, Place: people.AtTill("cafe", "1")},
		{Purpose: people.Messages, Party: "cafe", Choice: people.Given, Version: 7, Place: people.AtTill("cafe", "1")},
	}}
	_, err := r.Register(t.Context(), r.circle, with, noon)
	require.ErrorIs(t, err, people.ErrTextChanged)
	_, ok, err := r.MemberByTelephone(t.Context(), r.circle.ID, ann.Telephone)
	require.NoError(t, err)
	require.False(t, ok)
	with.Consents = with.Consents[:1]
	member, err := r.Register(t.Context(), r.circle, with, noon)
	require.NoError(t, err)
	require.True(t, r.allows(member, people.SeeDetails, "cafe"))
}

func TestWhoMayKnowAPerson(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	decides := func(choice people.Choice) {
		_, err := r.Decide(t.Context(), r.circle.ID, member, people.Decision{Purpose: people.SeeDetails, Party: "gym", Choice: choice, Version: 1, Place: people.InSession}, noon)
		require.NoError(t, err)
	}
	shops := func() []string {
		shops, err := r.KnownTo(t.Context(), r.circle.ID, member)
		require.NoError(t, err)
		return shops
	}
	require.Equal(t, []string{"cafe"}, shops())
	decides(people.Given)
	require.Equal(t, []string{"cafe", "gym"}, shops())
	read := people.Read{At: noon, Role: "owner", Party: "gym", Credential: "key_1", Operation: "getPerson", Fields: []string{"telephone"}}
	require.NoError(t, r.Record(t.Context(), r.circle.ID, member, read))
	decides(people.Withdrawn)
	require.Equal(t, []string{"cafe"}, shops())

	knowers, err := r.Knowers(t.Context(), r.circle.ID, member)
	require.NoError(t, err)
	require.Equal(t, []people.Knower{
		{Party: clearing.Organiser, Grounds: []people.Ground{people.RunsCircle}},
		{Party: "cafe", Grounds: []people.Ground{people.Registered}},
		{Party: "gym", LastRead: noon, Reads: 1},
	}, knowers, "who has read and may no longer is still named")
	_, err = r.KnownTo(t.Context(), r.circle.ID, "nobody")
	require.ErrorIs(t, err, people.ErrNoPerson)

	reads, err := people.Reads(t.Context(), r.db, r.circle.ID, member, 1<<62, 10)
	require.NoError(t, err)
	require.Len(t, reads, 1)
	require.Equal(t, read, reads[0].Read)
	require.NoError(t, r.Sweep(t.Context(), noon.Add(3*365*24*time.Hour)))
	reads, err = people.Reads(t.Context(), r.db, r.circle.ID, member, 1<<62, 10)
	require.NoError(t, err)
	require.Len(t, reads, 1)
	require.NoError(t, r.Sweep(t.Context(), noon.Add(3*365*24*time.Hour+time.Second)))
	reads, err = people.Reads(t.Context(), r.db, r.circle.ID, member, 1<<62, 10)
	require.NoError(t, err)
	require.Empty(t, reads)
}

func TestWhoWasErasedConsentsToNothing(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	_, err := r.Decide(t.Context(), r.circle.ID, member, people.Decision{Purpose: people.Messages, Party: "cafe", Choice: people.Given, Version: 1, Place: people.InSession}, noon)
	require.NoError(t, err)
	_, err = r.Erase(t.Context(), r.circle, member, noon)
	require.NoError(t, err)
	require.False(t, r.allows(member, people.Messages, "cafe"))
}
