package api

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strconv"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
)

// ListPersonReads returns a page of who read what of a person, the newest first.
func (h *handlers) ListPersonReads(ctx context.Context, r routes.ListPersonReadsRequestObject) (routes.ListPersonReadsResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	before, err := readNumberCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	if before == 0 {
		before = math.MaxInt64
	}
	store, err := h.personOf(ctx, r.Member)
	if err != nil {
		return nil, err
	}
	if _, err := store.KnownTo(ctx, sc.alliance.ID, r.Member); err != nil {
		return nil, err
	}
	found, err := people.Reads(ctx, h.pool, sc.alliance.ID, r.Member, before, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	found, next := cut(found, size, sc.operation.id, func(read people.NumberedRead) string { return strconv.FormatInt(read.Number, 10) })
	answer := routes.ListPersonReads200JSONResponse{NextCursor: next, Items: each(found, func(read people.NumberedRead) spec.PersonRead {
		return spec.PersonRead{
			ReadAt: read.At, Role: read.Role, Party: read.Party, Credential: read.Credential, Operation: read.Operation, Fields: read.Fields,
		}
	})}
	return answer, h.recordRead(ctx, store, r.Member, "reads")
}

// ListKnowers returns who knows what of a person.
func (h *handlers) ListKnowers(ctx context.Context, r routes.ListKnowersRequestObject) (routes.ListKnowersResponseObject, error) {
	sc := scopeOf(ctx)
	store, err := h.personOf(ctx, r.Member)
	if err != nil {
		return nil, err
	}
	knowers, err := store.Knowers(ctx, sc.alliance.ID, r.Member)
	if err != nil {
		return nil, err
	}
	p, err := store.Find(ctx, sc.alliance.ID, r.Member)
	if err != nil {
		return nil, err
	}
	answer := routes.ListKnowers200JSONResponse{Items: each(knowers, func(k people.Knower) spec.Knower {
		view := spec.Knower{Party: k.Party, Grounds: []spec.KnowerGrounds{}, Fields: []string{}, Reads: k.Reads, LastRead: instant(k.LastRead)}
		for _, g := range k.Grounds {
			view.Grounds = append(view.Grounds, spec.KnowerGrounds(g))
		}
		if len(k.Grounds) > 0 {
			view.Fields = seenFields((&scope{Credential: access.Credential{Principal: principalOf(k.Party)}}).person(p))
		}
		return view
	})}
	return answer, h.recordRead(ctx, store, r.Member, "knowers")
}

// principalOf returns who sees the most for a party.
func principalOf(party string) access.Principal {
	if party == clearing.Organiser {
		return access.Principal{Role: access.Organiser}
	}
	return access.Principal{Role: access.Owner, Merchant: party}
}

// ExportPerson returns all that is known of a person.
func (h *handlers) ExportPerson(ctx context.Context, r routes.ExportPersonRequestObject) (routes.ExportPersonResponseObject, error) {
	sc := scopeOf(ctx)
	store, err := h.personOf(ctx, r.Member)
	if err != nil {
		return nil, err
	}
	export, err := store.Export(ctx, sc.alliance, h.setups.Registry(), r.Member, sc.now)
	if err != nil {
		return nil, err
	}
	sc.hidePerson(export.Person.Details)
	var body bytes.Buffer
	file := exportedPerson{name: "lianka-" + sc.alliance.Code + "-" + r.Member, mediaType: mediaTypeJSON, extension: ".json"}
	if r.Params.Format != nil && *r.Params.Format == spec.ExportPersonParamsFormatHTML {
		file.mediaType, file.extension = "text/html; charset=utf-8", ".html"
		err = export.Page(&body, sc.alliance.Location)
	} else {
		out := json.NewEncoder(&body)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		err = out.Encode(export)
	}
	file.body = body.Bytes()
	if err == nil {
		err = h.recordRead(ctx, store, r.Member, "export")
	}
	return file, err
}

// exportedPerson is an export as a file.
type exportedPerson struct {
	name, mediaType, extension string
	body                       []byte
}

// VisitExportPersonResponse sends the file.
func (f exportedPerson) VisitExportPersonResponse(w http.ResponseWriter) error {
	header := w.Header()
	header.Set("Content-Type", f.mediaType)
	header.Set("Content-Disposition", attachment(f.name+f.extension, "lianka-member"+f.extension))
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	_, err := w.Write(f.body)
	return err
}
