/** How long whoever an earlier interceptor left waiting for a voice waits for us, in milliseconds: then the dialplan has them. */
const patienceMs = 2_000;

export interface PatienceParts {
  /** Whether another interceptor, which lives, has the calls. */
  readonly isAnothers: () => Promise<boolean>;
  /** Gives those who wait to the dialplan. Never rejects. */
  readonly letGo: () => Promise<void>;
}

/**
 * The patience of those who wait while an interceptor starts: it may have to wait itself, for AMI or SQL. What was kept of their
 * calls is taken up if that is soon; else they go on where the dialplan has them. So does whoever is left by an owner that dies
 * meanwhile.
 */
export class Patience {
  private readonly parts: PatienceParts;
  private timer: NodeJS.Timeout | undefined;
  private preparing = true;

  constructor(parts: PatienceParts) {
    this.parts = parts;
    this.renew();
  }

  /** It is lost at once. Resolves when those who wait are on their way. */
  async lose(): Promise<void> {
    const { isAnothers, letGo } = this.parts;
    if (!(await isAnothers())) await letGo();
  }

  /** Nothing is waited for any more but the calls: whoever is left by an owner from now on is taken up by us, and soon. */
  prepared(): void {
    this.preparing = false;
  }

  /** The calls are ours. */
  end(): void {
    this.prepared();
    clearTimeout(this.timer);
  }

  private renew(): void {
    this.timer = setTimeout(() => {
      void this.lose();
      if (this.preparing) this.renew();
    }, patienceMs);
  }
}
