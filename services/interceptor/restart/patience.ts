/** How long whoever an earlier interceptor left waiting for a voice waits for us, in milliseconds: then the dialplan has them. */
const patienceMs = 2_000;

export interface PatienceParts {
  /** Whether another interceptor, which lives, has the calls. */
  readonly isAnothers: () => Promise<boolean>;
  /** Gives those who wait to the dialplan if that is still due when it has looked who they are; answers whom. Never rejects. */
  readonly letGo: (isDue: () => boolean) => Promise<readonly string[]>;
}

/**
 * The patience of those who wait while an interceptor starts: it may have to wait itself, for AMI or SQL. What was kept of their
 * calls is taken up if that is soon; else they go on where the dialplan has them. So does whoever is left by an owner that dies
 * meanwhile.
 */
export class Patience {
  /** The channels that the dialplan was asked to take, which may not have them yet: nobody else may go on with their calls. */
  readonly given = new Set<string>();
  private readonly parts: PatienceParts;
  private timer: NodeJS.Timeout | undefined;
  private preparing = true;
  private over = false;

  constructor(parts: PatienceParts) {
    this.parts = parts;
    this.renew();
  }

  /** It is lost at once. Resolves when those who wait are on their way. */
  async lose(): Promise<void> {
    const { isAnothers, letGo } = this.parts;
    if (await isAnothers()) return;
    for (const channel of await letGo(() => !this.over)) this.given.add(channel);
  }

  /** Nothing is waited for any more but the calls: whoever is left by an owner from now on is taken up by us, and soon. */
  prepared(): void {
    this.preparing = false;
  }

  /** The calls are ours: from now on nobody is let go of, not even by who is just looking for them. */
  end(): void {
    this.prepared();
    this.over = true;
    clearTimeout(this.timer);
  }

  private renew(): void {
    this.timer = setTimeout(() => {
      void this.lose();
      if (this.preparing) this.renew();
    }, patienceMs);
  }
}
