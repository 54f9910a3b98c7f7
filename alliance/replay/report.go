package replay

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// The columns of the files.
var (
	positionsHeader    = []string{"period", "party", "opening", "movement", "transfer", "carried"}
	transfersHeader    = []string{"period", "from", "to", "amount"}
	commissionsHeader  = []string{"period", "member", "pending", "payable", "paid"}
	cardsHeader        = []string{"card", "status", "value", "bonus", "points", "pool"}
	trialBalanceHeader = []string{"account", "balance"}
)

// pageSize is how many rows are read at once.
const pageSize = 5000

// report is the files of a replay. They are written to a folder beside the requested one
// and moved there at the end.
type report struct {
	out        string
	staging    string
	rejections *table
	rejected   int
}

// table is a CSV file: a header line, LF, and quotes only where RFC 4180 needs
// them, which package encoding/csv is freer with (a leading space, a lone \.).
type table struct {
	file *os.File
	*bufio.Writer
}

// Write writes a line.
func (t *table) Write(fields []string) error {
	for i, field := range fields {
		if i > 0 {
			_ = t.WriteByte(',')
		}
		if strings.ContainsAny(field, ",\"\r\n") {
			field = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
		}
		_, _ = t.WriteString(field)
	}
	return t.WriteByte('\n') // which also tells of the errors before it
}

func newReport(out string) (*report, error) {
	out, err := filepath.Abs(out)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(out); err == nil && !info.IsDir() {
		return nil, &fs.PathError{Op: "write to", Path: out, Err: errors.New("it is a file, not a folder")}
	}
	r := &report{out: out}
	// The nearest folder that exists: on the same file system as the one to come,
	// so that the files can be moved.
	parent := filepath.Dir(out)
	for {
		if _, err := os.Stat(parent); err == nil || parent == filepath.Dir(parent) {
			break
		}
		parent = filepath.Dir(parent)
	}
	if r.staging, err = os.MkdirTemp(parent, ".lianka-replay-"); err != nil {
		return nil, err
	}
	r.rejections, err = r.table("rejections.csv", "id", "code")
	return r, err
}

// discard removes what was not published.
func (r *report) discard() { _ = os.RemoveAll(r.staging) }

func (r *report) table(name string, header ...string) (*table, error) {
	file, err := os.Create(filepath.Join(r.staging, name))
	if err != nil {
		return nil, err
	}
	t := &table{file: file, Writer: bufio.NewWriter(file)}
	return t, t.Write(header)
}

func (t *table) close() error {
	return errors.Join(t.Flush(), t.file.Close())
}

func (r *report) reject(id, code string) error {
	r.rejected++
	return r.rejections.Write([]string{id, code})
}

// publish moves the files to where they were asked for.
func (r *report) publish() error {
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	files, err := os.ReadDir(r.staging)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.Rename(filepath.Join(r.staging, f.Name()), filepath.Join(r.out, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// state writes the state of the circle.
func (r *report) state(ctx context.Context, pool *pgxpool.Pool, alliance clearing.Alliance) error {
	if err := r.rejections.close(); err != nil {
		return err
	}
	windows, err := window.List(ctx, pool, alliance.ID)
	if err != nil {
		return err
	}
	slices.Reverse(windows)
	windows = slices.DeleteFunc(windows, func(w window.State) bool { return w.ClosedSeq == 0 })
	if err := r.settlements(ctx, pool, alliance, windows); err != nil {
		return err
	}
	if err := r.commissions(ctx, pool, alliance, windows); err != nil {
		return err
	}
	if err := r.cards(ctx, pool, alliance); err != nil {
		return err
	}
	return r.trialBalance(ctx, pool, alliance)
}

func (r *report) settlements(ctx context.Context, pool *pgxpool.Pool, alliance clearing.Alliance, windows []window.State) error {
	positions, err := r.table("positions.csv", positionsHeader...)
	if err != nil {
		return err
	}
	transfers, err := r.table("transfers.csv", transfersHeader...)
	if err != nil {
		return err
	}
	for _, w := range windows {
		settlement, err := window.Find(ctx, pool, alliance, w.Period)
		if err != nil {
			return err
		}
		if err := writeSettlement(positions, transfers, w.Period, settlement.Positions, settlement.Transfers); err != nil {
			return err
		}
	}
	return errors.Join(positions.close(), transfers.close())
}

// writeSettlement writes the positions and transfers of a closed window.
func writeSettlement(to, transferred *table, period string, positions []window.Position, transfers []window.Transfer) error {
	for _, p := range positions {
		row := []string{period, p.Party, p.Opening.String(), p.Movement.String(), p.Transfer.String(), p.Carried.String()}
		if err := to.Write(row); err != nil {
			return err
		}
	}
	for _, t := range transfers {
		if err := transferred.Write([]string{period, t.From, t.To, t.Amount.String()}); err != nil {
			return err
		}
	}
	return nil
}

func (r *report) commissions(ctx context.Context, pool *pgxpool.Pool, alliance clearing.Alliance, windows []window.State) error {
	t, err := r.table("commissions.csv", commissionsHeader...)
	if err != nil {
		return err
	}
	for _, w := range windows {
		for after, more := "", true; more; {
			page, err := store.CommissionStatements(ctx, pool, alliance, w.Period, after, pageSize)
			if err != nil {
				return err
			}
			for _, s := range page {
				if err := t.Write([]string{s.Period, s.Member, s.Pending.String(), s.Payable.String(), s.Paid.String()}); err != nil {
					return err
				}
				after = s.Member
			}
			more = len(page) == pageSize
		}
	}
	return t.close()
}

func (r *report) cards(ctx context.Context, pool *pgxpool.Pool, alliance clearing.Alliance) error {
	t, err := r.table("cards.csv", cardsHeader...)
	if err != nil {
		return err
	}
	for after, more := "", true; more; {
		page, err := store.Cards(ctx, pool, alliance, store.CardFilter{After: after, Limit: pageSize})
		if err != nil {
			return err
		}
		for _, c := range page {
			if err := t.Write(cardRow(&c)); err != nil {
				return err
			}
			after = c.Code
		}
		more = len(page) == pageSize
	}
	return t.close()
}

func cardRow(c *alliance.Card) []string {
	return []string{c.Code, string(c.Status()), c.Value.String(), c.Bonus.String(), strconv.FormatInt(c.Points, 10), c.Pool.String()}
}

func (r *report) trialBalance(ctx context.Context, pool *pgxpool.Pool, alliance clearing.Alliance) error {
	t, err := r.table("trial_balance.csv", trialBalanceHeader...)
	if err != nil {
		return err
	}
	lines, err := ledger.TrialBalance(ctx, pool, alliance.ID, alliance.Currency)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if err := t.Write([]string{line.Kind.String(), line.Balance.String()}); err != nil {
			return err
		}
	}
	return t.close()
}

// journal writes the ledger export of the circle.
func (r *report) journal(ctx context.Context, pool *pgxpool.Pool, alliance clearing.Alliance, format export.Format) error {
	books, err := export.Open(ctx, pool, alliance, export.Selection{Format: format})
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(r.staging, "journal."+string(format)))
	if err != nil {
		return err
	}
	return errors.Join(books.Write(ctx, file), file.Close())
}

// writeRows writes a file whole.
func (r *report) writeRows(name string, header []string, rows [][]string) error {
	t, err := r.table(name, header...)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := t.Write(row); err != nil {
			return err
		}
	}
	return t.close()
}
