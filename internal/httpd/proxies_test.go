package httpd

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestClientsBehindProxies(t *testing.T) {
	tests := map[string]struct {
		trusted   []string
		remote    string
		forwarded []string
		want      string
	}{
		"nobody is trusted":             {nil, "10.0.0.1:4711", []string{"203.0.113.9"}, "10.0.0.1:4711"},
		"through the proxy":             {[]string{"10.0.0.0/8"}, "10.0.0.1:4711", []string{"203.0.113.9"}, "203.0.113.9:0"},
		"through two proxies":           {[]string{"10.0.0.0/8"}, "10.0.0.1:4711", []string{"203.0.113.9, 10.2.2.2"}, "203.0.113.9:0"},
		"two headers":                   {[]string{"10.0.0.0/8"}, "10.0.0.1:4711", []string{"198.51.100.7", "203.0.113.9"}, "203.0.113.9:0"},
		"the client adds an address":    {[]string{"10.0.0.0/8"}, "10.0.0.1:4711", []string{"198.51.100.7, 203.0.113.9"}, "203.0.113.9:0"},
		"the client names the proxy":    {[]string{"10.0.0.0/8"}, "10.0.0.1:4711", []string{"10.9.9.9, 203.0.113.9"}, "203.0.113.9:0"},
		"past the proxy":                {[]string{"10.0.0.0/8"}, "198.51.100.1:4711", []string{"203.0.113.9"}, "198.51.100.1:4711"},
		"the proxy itself":              {[]string{"10.0.0.1"}, "10.0.0.1:4711", nil, "10.0.0.1:4711"},
		"no address":                    {[]string{"10.0.0.1"}, "10.0.0.1:4711", []string{"unknown"}, "10.0.0.1:4711"},
		"IPv6":                          {[]string{"fd00::/8"}, "[fd00::1]:4711", []string{"2001:db8::9"}, "[2001:db8::9]:0"},
		"a port that the proxy passes":  {[]string{"10.0.0.1"}, "10.0.0.1:4711", []string{"203.0.113.9:5000"}, "203.0.113.9:0"},
		"only proxies, such as a probe": {[]string{"10.0.0.0/8"}, "10.0.0.1:4711", []string{"10.3.3.3"}, "10.0.0.1:4711"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			proxies, err := NewProxies(test.trusted)
			if err != nil {
				t.Fatal(err)
			}
			var got string
			handler := proxies.addressing(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr }))
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.RemoteAddr = test.remote
			for _, value := range test.forwarded {
				r.Header.Add("X-Forwarded-For", value)
			}
			handler.ServeHTTP(httptest.NewRecorder(), r)
			if got != test.want {
				t.Errorf("the client is %s, want %s", got, test.want)
			}
		})
	}
	if _, err := NewProxies([]string{"the balancer"}); err == nil {
		t.Error("a name is no network")
	}
}
