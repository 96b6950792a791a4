import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/** One timer, for the earliest duty. Armed again only when that moment changes, so that a wake-up costs no timer. */
export class Alarm {
  /** It rang, and was not set since. */
  rang = false;
  private at = Infinity;
  private scope: CancellationScope | undefined;

  /** `atMs` since the epoch, `Infinity` for none; `summary` is what operators read on the timer. */
  set(atMs: number, summary: string): void {
    this.rang = false;
    if (atMs === this.at) return;
    this.scope?.cancel();
    this.at = atMs;
    if (atMs === Infinity) {
      this.scope = undefined; // sleep(Infinity) would block the task
      return;
    }
    const scope = new CancellationScope();
    this.scope = scope;
    void scope
      .run(() => sleep(Math.max(1, atMs - Date.now()), { summary }))
      .then(
        () => {
          if (this.scope !== scope) return; // an old timer rings nobody
          this.rang = true;
          this.at = Infinity; // where the clock was set back meanwhile, it is armed for that moment again
        },
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
  }
}
