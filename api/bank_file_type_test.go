package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFileIsOfTheTypeAndFormatThatIsSaid(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	const export = "id,date,amount\n1,2026-11-01,+5.00\n"
	const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	send := func(query, mediaType string) answer {
		return h.send(http.MethodPost, "/v1/bank-statements?account=310066661018800123456"+query, h.key, export, "Content-Type", mediaType, "Idempotency-Key", h.fresh())
	}
	for _, taken := range []string{"application/octet-stream", "text/csv", "text/csv; charset=utf-8", "application/xml", "text/xml", xlsx} {
		require.Equal(t, "account_missing", send("", taken).code(t), taken) // it was read
	}
	for other, says := range map[string]string{
		"multipart/form-data; boundary=x": "send the file itself as the body", "application/json": "is one of application/octet-stream, text/csv",
		"text/plain": "is one of", "image/png": "is one of", "nonsense;": "is one of",
	} {
		answer := send("", other)
		require.Equal(t, http.StatusUnsupportedMediaType, answer.status, other)
		require.Equal(t, "unsupported_media_type", answer.code(t), other)
		require.Contains(t, answer.body, says, other)
	}
	require.Equal(t, "account_missing", send("&format=csv", "text/csv").code(t))
	for _, format := range []string{"camt.053", "xlsx"} {
		answer := send("&format="+format, "text/csv")
		require.Equal(t, "invalid_document", answer.code(t))
		require.Contains(t, answer.body, "says "+format+", and the file is csv")
		require.Contains(t, answer.body, `"path":"format"`)
	}
}
