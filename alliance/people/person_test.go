package people_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/people"
)

func TestAPersonIsKeptAndFoundByTelephone(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	require.Regexp(t, `^m_[0-9a-z]{24}$`, member)
	p, err := r.Find(t.Context(), r.circle.ID, member)
	require.NoError(t, err)
	require.Equal(t, people.Person{
		Member:  member,
		Details: people.Details{Telephone: "+8613800138000", Name: "安然", Birthday: "02-29", Language: "zh-CN", Tags: []string{"vip"}}, RegisteredBy: "cafe", RegisteredAt: noon, AmendedAt: noon,
	}, p)
	for _, typed := range []string{"13800138000", "+86 138-0013-8000", "008613800138000", "１３８００１３８０００", " 138 0013 8000 "} {
		found, ok, err := r.MemberByTelephone(t.Context(), r.circle.ID, typed)
		require.NoError(t, err)
		require.True(t, ok, typed)
		require.Equal(t, member, found)
	}
	for _, nobodys := range []string{"13800138001", "", "hello", "1", strings.Repeat("1", 100)} {
		_, ok, err := r.MemberByTelephone(t.Context(), r.circle.ID, nobodys)
		require.NoError(t, err)
		require.False(t, ok, nobodys)
	}
}

func TestATelephoneIsOnePersonsInACircleAndAnothersInAnother(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	_, err := r.Register(t.Context(), r.circle, people.Registration{Details: ann, By: "gym"}, noon)
	require.ErrorIs(t, err, people.ErrTelephoneTaken)
	_, err = r.Register(t.Context(), r.circle, people.Registration{Member: member, Details: people.Details{Telephone: "13800138001"}, By: "gym"}, noon)
	require.ErrorIs(t, err, people.ErrPersonExists)

	elsewhere := r.newCircle("riverside")
	other, err := r.Register(t.Context(), elsewhere, people.Registration{Details: ann, By: "gym"}, noon)
	require.NoError(t, err)
	require.NotEqual(t, member, other)
	found, _, err := r.MemberByTelephone(t.Context(), elsewhere.ID, "13800138000")
	require.NoError(t, err)
	require.Equal(t, other, found)
	var indexes int
	require.NoError(t, r.db.QueryRow(t.Context(), `SELECT count(DISTINCT telephone_index) FROM persons`).Scan(&indexes))
	require.Equal(t, 2, indexes, "the index doesn't show that they are the same")
}

func TestOfManyAtOnceOneGetsTheTelephone(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	beside := r.another(people.Config{})
	var made atomic.Int64
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			s := r.Store
			if i%2 == 1 {
				s = beside
			}
			_, err := s.Register(t.Context(), r.circle, people.Registration{Details: ann, By: "cafe"}, noon)
			switch {
			case err == nil:
				made.Add(1)
			default:
				if !strings.Contains(err.Error(), people.ErrTelephoneTaken.Error()) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, made.Load())
}

func TestAPersonIsAmended(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	r.registers(people.Details{Telephone: "13800138001"})
	later := noon.Add(time.Hour)
	p, err := r.Amend(t.Context(), r.circle, member, "organiser", func(d *people.Details) { d.Telephone, d.Name, d.Tags = "13800138002", "An Ran", nil }, later)
	require.NoError(t, err)
	require.Equal(t, people.Details{Telephone: "+8613800138002", Name: "An Ran", Birthday: "02-29", Language: "zh-CN"}, p.Details)
	again, err := r.Find(t.Context(), r.circle.ID, member)
	require.NoError(t, err)
	require.Equal(t, p, again)
	_, ok, err := r.MemberByTelephone(t.Context(), r.circle.ID, "13800138000")
	require.NoError(t, err)
	require.False(t, ok)
	_, err = r.Amend(t.Context(), r.circle, member, "organiser", func(d *people.Details) { d.Telephone = "13800138001" }, later)
	require.ErrorIs(t, err, people.ErrTelephoneTaken)
	_, err = r.Amend(t.Context(), r.circle, "nobody", "organiser", func(*people.Details) {}, later)
	require.ErrorIs(t, err, people.ErrNoPerson)
}

func TestWhatIsNoPersonIsRefusedWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	for field, d := range map[string]people.Details{
		"telephone":    {Telephone: "13900139000123"},
		"display_name": {Telephone: "13900139000", Name: "Mal\u202elory"},
		"birthday":     {Telephone: "13900139000", Birthday: "02-31"},
		"language":     {Telephone: "13900139000", Language: "not a language"},
		"tags[1]":      {Telephone: "13900139000", Tags: []string{"a", " b"}},
	} {
		_, err := r.Register(t.Context(), r.circle, people.Registration{Details: d, By: "cafe"}, noon)
		var refused *people.FieldError
		require.ErrorAs(t, err, &refused, field)
		require.Equal(t, field, refused.Field)
		for _, personal := range []string{"13900139000", "lory", "02-31", "not a", `" b"`} {
			require.NotContains(t, err.Error(), personal)
		}
	}
	for _, d := range []people.Details{
		{Telephone: ""}, {Telephone: "110"}, {Telephone: "13900139000", Birthday: "2000-02-29"}, {Telephone: "13900139000", Birthday: "2-9"},
		{Telephone: "13900139000", Name: strings.Repeat("长", people.MaxName+1)}, {Telephone: "13900139000", Tags: make([]string, people.MaxTags+1)},
	} {
		_, err := r.Register(t.Context(), r.circle, people.Registration{Details: d, By: "cafe"}, noon)
		var refused *people.FieldError
		require.ErrorAs(t, err, &refused)
	}
}

func TestTelephonesOfTheWorld(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typed, region, want string }{
		{"13800138000", "CN", "+8613800138000"}, {"010 6552 9988", "CN", "+861065529988"}, {"+852 2123 4567", "CN", "+85221234567"},
		{"+49 30 901820", "", "+4930901820"}, {"0049 30 901820", "CN", "+4930901820"}, {"(650) 253-0000", "US", "+16502530000"},
	} {
		got, err := people.ReadTelephone(c.typed, c.region)
		require.NoError(t, err, c.typed)
		require.Equal(t, c.want, got)
	}
	for _, wrong := range []string{"13800138000", "030 901820"} {
		_, err := people.ReadTelephone(wrong, "")
		require.ErrorContains(t, err, "code of its country", "no country is known")
	}
	_, err := people.ReadTelephone("+1 650 253 0000 ext. 12", "CN")
	require.Error(t, err)
}
