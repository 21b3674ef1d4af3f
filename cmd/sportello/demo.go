package main

import "context"

// fillDemoDay gives the demonstration a part-filled day, once.
func (a *app) fillDemoDay(ctx context.Context) error {
	return nil
}
