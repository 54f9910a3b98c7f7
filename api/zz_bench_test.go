package api_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestZZLoad(t *testing.T) {
	h := newHarbour(t)
	for i := range 200 {
		h.sold(fmt.Sprintf("c%d", i), "ann")
	}
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
	var n atomic.Int64
	var wg sync.WaitGroup
	end := time.Now().Add(8 * time.Second)
	for w := range 64 {
		wg.Go(func() {
			for i := 0; time.Now().Before(end); i++ {
				body := fmt.Sprintf(`{"card": "c%d", "amount": "0.01"}`, (w*7+i)%200)
				r, _ := http.NewRequest("POST", h.address+"/v1/spends", strings.NewReader(body))
				r.Header.Set("Authorization", "Bearer "+h.hotpotKey)
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Idempotency-Key", fmt.Sprintf("b-%d-%d", w, i))
				a, err := c.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				io.Copy(io.Discard, a.Body)
				a.Body.Close()
				if a.StatusCode != 201 {
					t.Error(a.StatusCode)
					return
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	fmt.Println("requests/s", n.Load()/8)
}
