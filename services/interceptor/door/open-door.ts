import type { Ami } from '../../adapters/ami.ts';
import { watchPasswords } from '../../adapters/ami-watch.ts';
import { writeBans } from '../../adapters/asterisk-files.ts';
import type { Config } from '../../config.ts';
import type { SipCopy, SipSeen } from '../../core/hep.ts';
import type { AlertQueue } from '../../core/ports.ts';
import type { Log } from '../../log.ts';
import type { Secrets } from '../../secrets.ts';
import { Doorkeeper } from './doorkeeper.ts';

interface Parts {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly ami: Ami;
  readonly alerts: AlertQueue;
  readonly log: Log;
}

export interface Door {
  readonly hearMessage: (seen: SipSeen & SipCopy) => void;
  close(): void;
}

/** Shuts out whoever guesses passwords, for as long as this interceptor has the calls. Nothing waits for it. */
export function openDoor({ config, secrets, ami, alerts, log }: Parts): Door {
  const keeper = new Doorkeeper({
    ami,
    writeBans: (addresses) => writeBans(config, addresses),
    neverBan: config.sip.neverBan,
    trunks: config.trunks.map(({ address }) => address),
    alerts,
    log,
    clock: Date.now,
  });
  void keeper.open();
  const { amiHost: host, amiPort: port } = config.asterisk;
  const unwatch = watchPasswords({ host, port, password: secrets.ami }, (seen) => keeper.hear(seen));
  return {
    hearMessage: (seen) => keeper.hearMessage(seen),
    close() {
      unwatch();
      keeper.close();
    },
  };
}
