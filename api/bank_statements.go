package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/settlement"
)

// ImportBankStatement imports a file from the bank, or says what that would do.
func (h *handlers) ImportBankStatement(ctx context.Context, r routes.ImportBankStatementRequestObject) (routes.ImportBankStatementResponseObject, error) {
	sc := scopeOf(ctx)
	content, err := io.ReadAll(io.LimitReader(r.Body, sc.operation.maxBody+1))
	if err != nil {
		return nil, problem.Malformed("", "the body could not be read to its end")
	}
	if int64(len(content)) > sc.operation.maxBody {
		return nil, problem.New(problem.CodeBodyTooLarge, "", "the body is larger than allowed here")
	}
	custody, missing := h.custodysAccount(ctx)
	file, mapping, err := h.readBankFile(ctx, content, custody, &r.Params)
	if err == nil && r.Params.Format != nil && string(*r.Params.Format) != file.Format {
		err = problem.At("format", problem.CodeInvalidDocument, "says %s, and the file is %s; give what it is, or leave the parameter out", string(*r.Params.Format), file.Format)
	}
	if err != nil {
		return nil, err
	}
	if missing != nil {
		return nil, missing
	}
	command, err := settlement.ImportOf(sc.alliance, file, custody)
	if err != nil {
		return nil, err
	}
	command.Reading.Mapping = mapping
	if r.Params.Preview != nil && *r.Params.Preview == spec.ImportBankStatementParamsPreviewTrue {
		return h.previewStatement(ctx, file, command)
	}
	said := strings.Join([]string{sc.operation.id, value(r.Params.Account), value(r.Params.Profile), value(r.Params.Mapping), ""}, "\n")
	return h.submitHashed(ctx, r.Params.IdempotencyKey, sha256.Sum256(append([]byte(said), content...)), command)
}

// readBankFile reads a file as the request says, else as the account's newest one was read,
// else by its header. It returns the mapping that it was read by, or nil.
func (h *handlers) readBankFile(ctx context.Context, content []byte, custody string, params *spec.ImportBankStatementParams) (*bankfile.File, json.RawMessage, error) {
	sc := scopeOf(ctx)
	options := bankfile.Options{Currency: sc.alliance.Currency, Account: value(params.Account), Profile: value(params.Profile)}
	if params.Mapping != nil {
		mapping := json.RawMessage(*params.Mapping)
		var err error
		if options.Mapping, err = readMapping(mapping); err != nil {
			return nil, nil, err
		}
		file, err := bankfile.Read(content, options)
		return file, mapping, err
	}
	if params.Profile == nil {
		kept, err := settlement.ReadingOf(ctx, h.pool, sc.alliance.ID, custody)
		if err != nil {
			return nil, nil, clearing.Unavailable(err)
		}
		if kept.Mapping != nil {
			tried := options
			if tried.Mapping, err = readMapping(kept.Mapping); err == nil {
				if file, err := bankfile.Read(content, tried); err == nil {
					return file, kept.Mapping, nil
				}
			}
		} else if kept.Profile != "" {
			tried := options
			tried.Profile = kept.Profile
			if file, err := bankfile.Read(content, tried); err == nil {
				return file, nil, nil
			}
		}
	}
	file, err := bankfile.Read(content, options)
	return file, nil, err
}

func readMapping(text json.RawMessage) (*bankfile.Mapping, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var mapping bankfile.Mapping
	if err := decoder.Decode(&mapping); err != nil {
		return nil, problem.Malformed("mapping", "is no JSON object of the columns' names, such as {\"date\": \"日期\", \"amount\": \"金额\"}: %v", err)
	}
	if decoder.More() {
		return nil, problem.Malformed("mapping", "has something behind the object of the columns' names")
	}
	return &mapping, nil
}

// custodysAccount returns the account that the circle has named as custody's, or refuses.
func (h *handlers) custodysAccount(ctx context.Context) (string, error) {
	account, err := settlement.FindAccount(ctx, h.pool, scopeOf(ctx).alliance.ID, settlement.Payee{Code: clearing.Custody})
	if errors.Is(err, settlement.ErrNoAccount) {
		return "", clearing.Refuse(settlement.CodeAccountMissing, "the circle has named no bank account as custody's; set it first")
	}
	return account.Number, clearing.Unavailable(err)
}

// previewed is what an import would do, as an answer.
type previewed struct{ spec.StatementPreview }

// VisitImportBankStatementResponse writes the preview.
func (p previewed) VisitImportBankStatementResponse(w http.ResponseWriter) error {
	return routes.ImportBankStatement200JSONResponse(p.StatementPreview).VisitImportBankStatementResponse(w)
}

func (h *handlers) previewStatement(ctx context.Context, file *bankfile.File, command settlement.ImportStatement) (routes.ImportBankStatementResponseObject, error) {
	sc := scopeOf(ctx)
	setup, err := h.setup(ctx)
	if err != nil {
		return nil, err
	}
	merchants := make([]clearing.Merchant, 0, len(setup.Merchants))
	for _, m := range setup.Merchants {
		merchants = append(merchants, clearing.Merchant{Code: m.Code, Suspended: m.Suspended, LeavesAt: m.LeavesAt, Left: m.Left})
	}
	var lines []settlement.PreviewedLine
	err = clearing.Write(ctx, h.pool, func(tx clearing.Tx) error { // which writes nothing, and reads as of one instant under the head's lock
		head, err := clearing.LockHead(ctx, tx, sc.alliance.ID)
		if err != nil {
			return err
		}
		lines, err = settlement.Preview(ctx, tx, &head, merchants, command, sc.now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return previewed{spec.StatementPreview{
		Format: file.Format, Profile: file.Profile, OtherAccounts: append([]string{}, command.Others...),
		Lines: each(lines, func(l settlement.PreviewedLine) spec.PreviewedBankLine {
			return spec.PreviewedBankLine{
				Line: l.ID, Place: l.Place, BookedOn: bookedOn(l.BookedOn), Direction: direction(l.Credit), Returned: l.Returned, Amount: l.Amount.String(),
				References: append([]string{}, l.References...), Counterparty: l.Counterparty, Text: l.Text, Outcome: l.Outcome, Twin: transactionID(l.Twin),
			}
		}),
	}}, nil
}

// VisitImportBankStatementResponse writes the receipt.
func (b booked) VisitImportBankStatementResponse(w http.ResponseWriter) error { return b.write(w) }
