import { type Command, Option } from 'commander';
import { hashPassword, passwordFault } from '../accounts.ts';
import type { Store } from '../adapters/sql/store.ts';
import { type Account, nameFault, type Role, roles } from '../core/accounts.ts';
import { formatTable, formatTime } from './table.ts';
import { CommandError, exitCodes, type Session } from './world.ts';

/** clearline accounts: who may use the console. */

/** Where a password comes from that nobody types. Never an argument: every user of the machine can read those. */
const variable = 'CLEARLINE_ACCOUNT_PASSWORD';

export function addAccounts(program: Command, session: Session): void {
  const accounts = program
    .command('accounts')
    .summary('who may use the console')
    .description('Show who may log in to the console, or change it.')
    .option('--json', 'as JSON')
    .addHelpText('after', help)
    .action((options: { json?: boolean }) => listAccounts(session, options.json === true));
  const named = (name: string, description: string) =>
    accounts.command(name).argument('<name>', 'the name to log in with').description(description);
  const role = new Option('--role <role>', 'staff, or admin: who may also take evidence away').choices(roles);
  named('add', 'Make an account. Its password is asked for.')
    .addOption(role.default('staff'))
    .action((name: string, options: { role: Role }) => add(session, name, options.role));
  named('password', 'Give an account another password. Whoever is logged in with it is logged out.').action(
    async (name: string) => {
      await checkThere(session, name);
      const hash = await hashPassword(await readPassword(session, name));
      await change(session, name, { hash }, `${name} has another password, and is logged out everywhere.`);
    },
  );
  named('role', 'Let an account do more, or less.')
    .addOption(role.makeOptionMandatory())
    .action((name: string, options: { role: Role }) =>
      change(session, name, { role: options.role }, `${name} is ${tellRole(options.role)} now.`),
    );
  named('disable', 'Let nobody in with an account for now; what it did stays on record.').action((name: string) =>
    change(session, name, { disabled: true }, `${name} cannot log in any more, and is logged out everywhere.`),
  );
  named('enable', 'Let an account in again.').action((name: string) =>
    change(session, name, { disabled: false }, `${name} can log in again.`),
  );
  named('remove', 'Remove an account; what it did stays on record.').action((name: string) =>
    session.withStore(async ({ accounts: { remove } }) => {
      if (!(await remove(name))) throw unknown(name);
      session.world.out(`${name} is no account any more, and is logged out everywhere.`);
    }),
  );
}

async function listAccounts(session: Session, json: boolean): Promise<void> {
  const { found, zone } = await session.withStore(async ({ accounts }, config) => ({
    found: await accounts.list(),
    zone: config.site.timeZone,
  }));
  const shown = found.map(({ hash: _hash, ...account }) => account);
  if (json) return session.world.out(JSON.stringify(shown, null, 2));
  if (shown.length === 0)
    return session.world.out('Nobody may log in yet. Make an account: clearline accounts add NAME');
  const rows = shown.map(({ name, role, disabled, createdAt }) => [
    name,
    role,
    disabled ? 'disabled' : 'may log in',
    formatTime(createdAt, zone),
  ]);
  session.world.out(formatTable(['NAME', 'ROLE', 'STATE', 'MADE'], rows));
}

async function add(session: Session, name: string, role: Role): Promise<void> {
  const fault = nameFault(name);
  if (fault !== null) throw new CommandError(fault, exitCodes.notUnderstood);
  const hash = await hashPassword(await readPassword(session, name));
  const account: Account = { name, role, hash, disabled: false, createdAt: session.world.now() };
  await session.withStore(async (store: Store, { console: { enabled, host, port, url } }) => {
    if (!(await store.accounts.add(account))) {
      throw new CommandError(
        `There is an account ${name} already. Another password: clearline accounts password ${name}`,
      );
    }
    const where = enabled ? (url ?? `http://${host}:${port}`) : 'nowhere yet: console.enabled is false';
    session.world.out(`${name} may log in as ${tellRole(role)}: ${where}`);
  });
}

async function change(
  session: Session,
  name: string,
  what: Partial<Pick<Account, 'role' | 'hash' | 'disabled'>>,
  done: string,
): Promise<void> {
  await session.withStore(async ({ accounts }) => {
    if (!(await accounts.change(name, what))) throw unknown(name);
  });
  session.world.out(done);
}

/** Nobody types a password twice for an account that is not there. */
async function checkThere(session: Session, name: string): Promise<void> {
  await session.withStore(async ({ accounts }) => {
    if ((await accounts.find(name)) === null) throw unknown(name);
  });
}

function unknown(name: string): CommandError {
  return new CommandError(`There is no account ${name}. Which there are: clearline accounts`);
}

function tellRole(role: Role): string {
  return role === 'admin' ? 'an administrator' : 'a member of staff';
}

/** From the environment, else the terminal, else the first line of the standard input. */
async function readPassword({ world }: Session, name: string): Promise<string> {
  const { env, askPassword, readInput } = world;
  let password = env[variable];
  if (password === undefined) {
    const typed = await askPassword(`Password for ${name}: `);
    if (typed !== null && typed !== (await askPassword('The same again: '))) {
      throw new CommandError('The two are not the same. Nothing was changed.', exitCodes.notUnderstood);
    }
    password = typed ?? new TextDecoder().decode(await readInput()).split(/\r?\n/)[0] ?? '';
  }
  const fault = passwordFault(password);
  if (fault !== null) throw new CommandError(`${fault} Nothing was changed.`, exitCodes.notUnderstood);
  return password;
}

const help = `
The password is asked for, or comes from ${variable}, or from standard input: never as an argument.

Examples:
  clearline accounts add anna --role admin
  clearline accounts add ben < password.txt
  clearline accounts disable ben`;
