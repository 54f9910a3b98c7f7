package signin_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

var ann = signin.Person{Member: "ann"}

func TestASessionIsItsPersons(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	organiser, owner, cashier := d.staff(access.Organiser, "", "Lin"), d.staff(access.Owner, "cafe", "Wu"), d.staff(access.Cashier, "cafe", "Li")
	for _, want := range []struct {
		link       signin.Link
		credential access.Credential
	}{
		{signin.Link{Person: organiser.Person()}, access.Credential{Principal: access.Principal{Role: access.Organiser, Staff: organiser.ID}, Caller: clearing.Organiser}},
		{signin.Link{Person: owner.Person()}, access.Credential{Principal: access.Principal{Role: access.Owner, Merchant: "cafe", Staff: owner.ID}, Caller: "shop:cafe/" + owner.ID}},
		{signin.Link{Person: cashier.Person(), Till: "1"}, access.Credential{Principal: access.Principal{Role: access.Cashier, Merchant: "cafe", Staff: cashier.ID}, Caller: "shop:cafe/1"}},
		{signin.Link{Person: ann}, access.Credential{Principal: access.Principal{Role: access.Member, Member: "ann"}, Caller: "member:ann"}},
	} {
		opened, token, err := signin.OpenLink(t.Context(), d.db, d.link(want.link, noon), noon)
		require.NoError(t, err)
		known, err := d.authenticate(token, noon)
		require.NoError(t, err)
		require.Equal(t, opened, known)
		want.credential.ID, want.credential.AllianceID = opened.ID, d.alliance
		require.Equal(t, want.credential, known.Credential())
	}
}

func TestATokenIsKeptAsAHashAlone(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	link := d.link(signin.Link{Person: ann}, noon)
	_, session, err := signin.OpenLink(t.Context(), d.db, link, noon)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(session), len("lk_session_")+64, "256 bits and more")
	for _, table := range []string{"signin_links", "signin_sessions", "signin_events"} {
		var stored string
		require.NoError(t, d.db.QueryRow(t.Context(), `SELECT string_agg(x::text, '') FROM `+table+` x`).Scan(&stored))
		require.NotEmpty(t, stored)
		for _, token := range []string{link, session} {
			require.NotContains(t, stored, token[len(token)-40:], table)
		}
	}
}

func TestWhatIsNoTokenOpensNothing(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	_, token := d.enter(ann, noon)
	other := newDoor(t)
	_, foreign := other.enter(ann, noon)
	last := token[:len(token)-1]
	for name, wrong := range map[string]string{
		"empty": "", "prefix": "lk_session_", "short": last, "long": token + "A", "typo": last + map[bool]string{true: "B", false: "A"}[strings.HasSuffix(token, "A")],
		"a link's": "lk_link_" + strings.TrimPrefix(token, "lk_session_"), "another server's": foreign, "newline": token + "\n",
	} {
		_, err := d.authenticate(wrong, noon)
		require.ErrorIs(t, err, signin.ErrSessionUnknown, name)
		_, _, err = signin.OpenLink(t.Context(), d.db, wrong, noon)
		require.ErrorIs(t, err, signin.ErrRefused, name)
	}
}

// TestASessionSlidesAndEnds: what is used lasts on, up to an age.
func TestASessionSlidesAndEnds(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	const day = 24 * time.Hour
	for name, want := range map[string]struct {
		person    signin.Person
		idle, age time.Duration
	}{
		"member": {ann, 30 * day, 180 * day},
		"staff":  {d.staffPerson(access.Owner, "cafe", "Wu"), 12 * time.Hour, 7 * day},
	} {
		_, token := d.enter(want.person, noon)
		_, err := d.authenticate(token, noon.Add(want.idle-time.Microsecond))
		require.NoError(t, err, name)
		_, err = d.authenticate(token, noon.Add(2*want.idle-2*time.Minute))
		require.NoError(t, err, "%s: it slid", name)
		_, unused := d.enter(want.person, noon)
		_, err = d.authenticate(unused, noon.Add(want.idle))
		require.ErrorIs(t, err, signin.ErrSessionUnknown, name)

		_, token = d.enter(want.person, noon)
		at := noon
		for ; at.Before(noon.Add(want.age)); at = at.Add(want.idle / 2) {
			s, err := d.authenticate(token, at)
			require.NoError(t, err, "%s after %s", name, at.Sub(noon))
			require.False(t, s.EndsAt.After(noon.Add(want.age)), name)
		}
		_, err = d.authenticate(token, noon.Add(want.age))
		require.ErrorIs(t, err, signin.ErrSessionUnknown, "%s: however often it is used", name)
	}
}

func (d *door) staffPerson(role access.Role, shop, name string) signin.Person {
	s := d.staff(role, shop, name)
	return s.Person()
}

func TestAPersonSeesAndEndsItsOwnSessions(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	first, token := d.enter(ann, noon)
	bob, bobs := d.enter(signin.Person{Member: "bob"}, noon)
	listed, err := signin.Sessions(t.Context(), d.db, d.alliance, ann, noon, "", 10)
	require.NoError(t, err)
	require.Equal(t, []signin.Session{first}, listed)
	end := func(p signin.Person, id string) error {
		return d.try(func(ctx context.Context, tx clearing.Tx) error {
			return signin.EndSession(ctx, tx, d.alliance, p, id, signin.Itself, noon)
		})
	}
	require.ErrorIs(t, end(ann, bob.ID), signin.ErrSessionUnknown, "another's is hidden")
	_, err = d.authenticate(bobs, noon)
	require.NoError(t, err)
	require.NoError(t, end(ann, first.ID))
	require.ErrorIs(t, end(ann, first.ID), signin.ErrSessionUnknown)
	_, err = d.authenticate(token, noon)
	require.ErrorIs(t, err, signin.ErrSessionUnknown)
	require.Equal(t, []signin.EventType{signin.LinkMade, signin.SessionOpened, signin.SessionEnded}, d.events(ann))
}

// TestStaffIsNotAMemberOfThatCode: IDs of staff and codes of members are told apart.
func TestStaffIsNotAMemberOfThatCode(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	wu := d.staff(access.Owner, "cafe", "Wu")
	d.enter(wu.Person(), noon)
	double := signin.Person{Member: wu.ID}
	listed, err := signin.Sessions(t.Context(), d.db, d.alliance, double, noon, "", 10)
	require.NoError(t, err)
	require.Empty(t, listed)
	require.Empty(t, d.events(double))
	d.enter(double, noon)
	listed, err = signin.Sessions(t.Context(), d.db, d.alliance, wu.Person(), noon, "", 10)
	require.NoError(t, err)
	require.Len(t, listed, 1)
}

func TestALinkOpensOneSessionOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	_, before := d.enter(ann, noon)
	link := d.link(signin.Link{Person: ann}, noon)
	var opened, refused atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			_, _, err := signin.OpenLink(t.Context(), d.db, link, noon)
			if err == nil {
				opened.Add(1)
				return
			}
			refused.Add(1)
		})
	}
	all.Wait()
	require.EqualValues(t, 1, opened.Load())
	require.EqualValues(t, 15, refused.Load())
	_, err := d.authenticate(before, noon)
	require.ErrorIs(t, err, signin.ErrSessionUnknown, "a link that is opened ends the other sessions")
}

func TestALinkExpiresAndIsReplaced(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	link := d.link(signin.Link{Person: ann}, noon)
	_, _, err := signin.OpenLink(t.Context(), d.db, link, noon.Add(signin.LinkValid))
	require.ErrorIs(t, err, signin.ErrRefused)
	newer := d.link(signin.Link{Person: ann}, noon)
	_, _, err = signin.OpenLink(t.Context(), d.db, link, noon)
	require.ErrorIs(t, err, signin.ErrRefused, "the newest alone is good")
	_, _, err = signin.OpenLink(t.Context(), d.db, newer, noon.Add(signin.LinkValid-time.Microsecond))
	require.NoError(t, err)
}

func TestStaffThatIsRemovedIsOut(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	wu := d.staff(access.Owner, "cafe", "Wu")
	_, token := d.enter(wu.Person(), noon)
	link := d.link(signin.Link{Person: wu.Person()}, noon)
	d.write(func(ctx context.Context, tx clearing.Tx) error {
		return signin.RemoveStaff(ctx, tx, d.alliance, wu.ID, signin.CommandLine, noon)
	})
	_, err := d.authenticate(token, noon)
	require.ErrorIs(t, err, signin.ErrSessionUnknown)
	_, _, err = signin.OpenLink(t.Context(), d.db, link, noon)
	require.ErrorIs(t, err, signin.ErrRefused)
	var told int
	require.NoError(t, d.db.QueryRow(t.Context(), `SELECT count(*) FROM events WHERE type IN ('staff.added', 'staff.removed') AND body::text NOT LIKE '%Wu%'`).Scan(&told))
	require.Equal(t, 2, told, "the circle's events tell it, without the name")
	again := d.staff(access.Owner, "cafe", "Wu")
	require.NotEqual(t, wu.ID, again.ID, "the name is free again")
}

func TestAnOwnerWhoseShopHasLeftOnlyReads(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	_, owner := d.enter(d.staffPerson(access.Owner, "gym", "Wu"), noon)
	_, cashier := d.enter(d.staffPerson(access.Cashier, "gym", "Li"), noon)
	d.write(func(ctx context.Context, tx clearing.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE merchants SET leaves_at = $1, has_left = true WHERE merchant = 'gym'`, noon)
		return err
	})
	s, err := d.authenticate(owner, noon)
	require.NoError(t, err)
	require.Equal(t, access.Leaver, s.Principal().Role)
	s, err = d.authenticate(cashier, noon)
	require.NoError(t, err)
	_, err = s.Principal().For("getCircle")
	require.Error(t, err, "its cashiers do nothing")
}

func TestWhoCantBeAdded(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.staff(access.Owner, "cafe", "Wu")
	for name, wrong := range map[string]struct {
		staff signin.Staff
		want  error
	}{
		"member":            {signin.Staff{Role: access.Member, Name: "x"}, signin.ErrStaffSpec},
		"organiser of shop": {signin.Staff{Role: access.Organiser, Merchant: "cafe", Name: "x"}, signin.ErrStaffSpec},
		"owner of none":     {signin.Staff{Role: access.Owner, Name: "x"}, signin.ErrStaffSpec},
		"no name":           {signin.Staff{Role: access.Organiser}, signin.ErrStaffSpec},
		"long name":         {signin.Staff{Role: access.Organiser, Name: strings.Repeat("x", 129)}, signin.ErrStaffSpec},
		"name not seen":     {signin.Staff{Role: access.Organiser, Name: "a\u202eb"}, signin.ErrStaffSpec},
		"unknown shop":      {signin.Staff{Role: access.Owner, Merchant: "pier", Name: "x"}, merchant.ErrMerchantUnknown},
		"same name":         {signin.Staff{Role: access.Owner, Merchant: "cafe", Name: "Wu"}, signin.ErrStaffExists},
	} {
		err := d.try(func(ctx context.Context, tx clearing.Tx) error {
			_, err := signin.AddStaff(ctx, tx, d.alliance, wrong.staff, signin.CommandLine, noon)
			return err
		})
		require.ErrorIs(t, err, wrong.want, name)
	}
}
