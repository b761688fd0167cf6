import { expect, it } from 'vitest';
import { keepLinesLoaded } from '../../../services/interceptor/line/keep-lines.ts';
import { LoadedLines } from '../../../services/interceptor/line/line-book.ts';
import { temporaryConfig } from '../../support/config.ts';
import { fakeLineStore } from '../../support/fake-stores.ts';
import { until } from '../../support/until.ts';

it('asks Asterisk again to read changed lines until it has', async () => {
  const { config, remove } = temporaryConfig();
  const logged: string[] = [];
  const log = {
    debug() {},
    warn() {},
    info() {},
    error: (_: unknown, message?: string) => logged.push(message ?? String(_)),
  };
  let asked = 0;
  const ami = {
    reload: async () => {
      asked += 1;
      return asked === 3;
    },
  };
  const secrets = { ari: 'ari-password', ami: 'ami-password', staffPhone: 'staff-password', watch: 'watch-password' };
  const kept = await keepLinesLoaded({ config, secrets, lines: new LoadedLines(), store: fakeLineStore(), ami, log });
  try {
    expect(asked, 'one that stands by writes nothing').toBe(0);
    await kept.own();
    expect(asked).toBe(1);
    await until('Asterisk has read them', () => asked === 3);
    expect(logged).toEqual(['Asterisk did not load the changed lines; asking it again until it does']);
  } finally {
    kept.stop();
    remove();
  }
});
