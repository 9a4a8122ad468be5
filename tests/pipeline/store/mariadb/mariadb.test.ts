import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type Socket } from 'node:net'
import { createConnection } from 'mysql2/promise'
import { expect, test, vi } from 'vitest'
import { RetryableError, SetupError } from '../../../../src/errors.ts'
import { type Engine, inTransaction, withConnection } from '../../../../src/pipeline/store/engine.ts'
import { openStore } from '../../../../src/pipeline/store/index.ts'
import { explainMariadb } from '../../../../src/pipeline/store/mariadb/errors.ts'
import { openMariadb } from '../../../../src/pipeline/store/mariadb/mariadb.ts'
import { type MariadbPlace, parsePlace } from '../../../../src/pipeline/store/url.ts'
import { DEAD_PORT } from '../../../support/dead-port.ts'
import { needs } from '../../../support/needs.ts'
import { mariadbServer, silent } from '../engines.ts'
import { bar, minutes } from '../records.ts'

const open = (url: string) => openStore(url, { log: silent })
const ALWAYS = { from: 0, to: Number.MAX_SAFE_INTEGER }

const refusal = async (url: string): Promise<string> => {
  const error = await open(url).then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(SetupError)
  const { message, cause } = error as Error
  expect(`${message}${String(cause)}`).not.toContain('SECRET')
  return message
}

test('nobody at the address', async () => {
  expect(await refusal(`mysql://u:SECRET@127.0.0.1:${DEAD_PORT}/d`)).toBe(
    `DATABASE_URL names 127.0.0.1:${DEAD_PORT}, where no database server answers: start it, or mend the address.`,
  )
})

test('a host that does not exist', async () => {
  expect(await refusal('mysql://u:SECRET@no-such-host.invalid/d')).toMatch(
    /no-such-host\.invalid:3306, where no database server answers/,
  )
})

test('another kind of server at the address', async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  expect(await refusal(`mysql://u:SECRET@127.0.0.1:${port}/d`)).toMatch(/where no database server answers/)
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})

needs('mariadb').describe('MariaDB', () => {
  const holder = mariadbServer()
  const as = (user: string, password: string, database: string) =>
    holder.server.url(database).replace('root@', `${user}:${encodeURIComponent(password)}@`)
  const engineOf = (database: string, silenceMs?: number): Promise<Engine> =>
    openMariadb(parsePlace(holder.server.url(database)) as MariadbPlace, silent, silenceMs)

  test('a wrong password', async () => {
    await holder.server.run("create user kim identified by 'right/@#'")
    expect(await refusal(as('kim', 'SECRET', 'd'))).toBe(
      `DATABASE_URL names user kim, whom the database server at 127.0.0.1:${holder.server.port} does not let in: check the user and the password.`,
    )
  })

  test('a locked account, an expired password, a limit that is reached', async () => {
    const user = (name: string) => `${name}@'127.0.0.1'`
    await holder.server.run(
      'create database accounts',
      `create user ${user('locked')} identified by 'SECRET' account lock`,
      `create user ${user('expired')} identified by 'SECRET' password expire`,
      `create user ${user('limited')} identified by 'SECRET' with max_connections_per_hour 1`,
      `grant all on accounts.* to ${user('expired')}, ${user('limited')}`,
    )
    const said = (name: string) => refusal(as(name, 'SECRET', 'accounts'))
    expect(await said('locked')).toMatch(/names user locked, whose account .* has locked: unlock it there/)
    expect(await said('expired')).toMatch(
      /names user expired, whose password has expired at .*: set a new one there and in DATABASE_URL\.$/,
    )
    expect(await said('limited')).toMatch(
      /names user limited, who has used up .* \(max_connections_per_hour\): raise the limit/,
    )
  })

  test('a missing database is created by a user who may, and named to one who may not', async () => {
    await holder.server.run("create user lee identified by 'right/@#'", 'grant all on `mine`.* to lee')
    const store = await open(as('lee', 'right/@#', 'mine'))
    expect(store.description).toBe(`MariaDB 127.0.0.1:${holder.server.port}/mine`)
    await store.close()
    expect(await refusal(as('lee', 'right/@#', 'theirs'))).toMatch(
      /names user lee, who may not use database theirs on \S+: create the database and grant the user all privileges on it\.$/,
    )
  })

  test('a user who may read but not write', async () => {
    await holder.server.run('create database looked_at', 'create user park', 'grant select on looked_at.* to park')
    expect(await refusal(as('park', '', 'looked_at'))).toMatch(/names user park, who may not use database looked_at/)
  })

  test('a server that is read-only', async () => {
    await holder.server.run(
      "create user choi identified by ''",
      'grant all on *.* to choi',
      'revoke super, read_only admin on *.* from choi',
    )
    await holder.server.run('set global read_only = 1')
    try {
      expect(await refusal(as('choi', '', 'read_only'))).toMatch(/a server that is read-only/)
    } finally {
      await holder.server.run('set global read_only = 0')
    }
  })

  test('a server without a connection left', async () => {
    await holder.server.run('create user jung', 'grant all on busy.* to jung', 'set global max_connections = 10')
    const { port } = holder.server
    const others = await Promise.all(
      Array.from({ length: 10 }, () => createConnection({ host: '127.0.0.1', port, user: 'jung' })),
    )
    try {
      expect(await refusal(as('jung', '', 'busy'))).toMatch(
        /whose server has no connection left: end other programs, or raise its max_connections\.$/,
      )
    } finally {
      await Promise.all(others.map((each) => each.end()))
      await holder.server.run('set global max_connections = 151')
    }
  })

  test('a server that is gone is waited for by who asks, and used again when it is back', async () => {
    const store = await open(holder.server.url('restarted'))
    await store.bars.save('venue', 'A', [bar('venue', 'A', 1)], minutes(0, 2))
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await Promise.all(Array.from({ length: 12 }, () => store.keyValues.get('name'))) // every connection of the pool is open
      await holder.server.stop(signal)
      const asked = await Promise.allSettled([
        ...Array.from({ length: 12 }, () => store.keyValues.get('name')),
        store.bars.range('venue', 'A', ALWAYS),
        store.bars.save('venue', 'A', [bar('venue', 'A', 2)], minutes(2, 3)),
        store.signals.judgedUntil('venue', 'A'),
      ])
      for (const each of asked) expect(each).toMatchObject({ status: 'rejected', reason: expect.any(RetryableError) })
      await holder.server.start()
      expect(await store.bars.range('venue', 'A', ALWAYS)).toEqual([bar('venue', 'A', 1)])
      await Promise.all(Array.from({ length: 12 }, () => store.keyValues.get('name')))
    }
    await store.bars.save('venue', 'A', [bar('venue', 'A', 2)], minutes(2, 3))
    expect(await store.bars.count('venue', 'A')).toBe(2)
    await store.close()
  })

  test('connections that the server ends, as it does with idle ones, are replaced', async () => {
    const engine = await engineOf('ended')
    const id = () => withConnection(engine, (connection) => connection.arrays('select connection_id()', []))
    const ids = async () => (await Promise.all(Array.from({ length: 8 }, id))).map(([row]) => Number(row?.[0]))
    const before = await ids()
    await holder.server.run(...before.map((each) => `kill ${each}`))
    const fails = async () => (await Promise.allSettled([id()])).some(({ status }) => status === 'rejected')
    let failures = 0 // a connection may be asked before news of its end has come
    while (await fails()) failures++
    expect(failures).toBeLessThanOrEqual(8)
    expect((await ids()).filter((each) => before.includes(each))).toEqual([])
    await engine.close()
  })

  test('closing does not wait for a server that is gone or silent, and leaves no socket', async () => {
    const sockets: Socket[] = []
    const opened = (message: unknown) => sockets.push((message as { socket: Socket }).socket)
    subscribe('net.client.socket', opened)
    const silentOne = await open(holder.server.url('closing'))
    unsubscribe('net.client.socket', opened)
    const gone = await open(holder.server.url('closing'))
    await holder.server.pause()
    await silentOne.close()
    expect(sockets.length).toBeGreaterThan(0)
    expect(sockets.every(({ destroyed }) => destroyed)).toBe(true)
    holder.server.resume()
    await holder.server.stop()
    await gone.close()
    await holder.server.start()
  })

  test('a server that falls silent is given up, and used again when it speaks', async () => {
    const engine = await engineOf('silent', 1_000)
    const id = () => withConnection(engine, (connection) => connection.arrays('select connection_id()', []))
    const before = await id()
    await holder.server.pause()
    try {
      await expect(id()).rejects.toThrow(RetryableError)
    } finally {
      holder.server.resume()
    }
    const lent = await vi.waitFor(id, { timeout: 10_000 })
    expect(lent).not.toEqual(before) // what is in doubt is never lent again
    await engine.close()
  })

  test('of two transactions that wait for each other, the one that loses is run again', async () => {
    const engine = await engineOf('deadlock')
    const run = (sql: string) => withConnection(engine, (connection) => connection.execute(sql, []))
    await run('create table t (id int primary key, n int not null)')
    await run('insert into t values (1, 0), (2, 0)')
    const met = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    let attempts = 0
    const cross = (first: 0 | 1) =>
      inTransaction(engine, async (connection) => {
        attempts++
        await connection.execute('update t set n = n + 1 where id = ?', [first + 1])
        met[first].resolve()
        await met[1 - first]!.promise
        await connection.execute('update t set n = n + 1 where id = ?', [2 - first])
      })
    await Promise.all([cross(0), cross(1)])
    expect(await withConnection(engine, (connection) => connection.arrays('select n from t', []))).toEqual([[2], [2]])
    expect(attempts).toBeGreaterThan(2)
    await engine.close()
  })

  test('what the server says of a full disk becomes one sentence', async () => {
    const engine = await engineOf('full')
    const signalled = (number: number) =>
      withConnection(engine, (connection) =>
        connection.execute(
          `begin not atomic signal sqlstate 'HY000' set mysql_errno = ${number}, message_text = 'no room'; end`,
          [],
        ),
      )
    for (const number of [1021, 1114, 1030]) {
      await expect(signalled(number)).rejects.toThrow(SetupError)
      await expect(signalled(number)).rejects.toThrow(/where the disk is full/)
    }
    await expect(signalled(1205)).rejects.toThrow(RetryableError)
    await expect(signalled(1062)).rejects.toThrow('no room') // ours, as it is
    await engine.close()
  })
})

test('an error that is ours stays as it is', () => {
  const place = parsePlace('mysql://u@db/d') as MariadbPlace
  for (const ours of [new TypeError('ours'), Object.assign(new Error('ours'), { code: 'ERR_INVALID_ARG_TYPE' })])
    expect(explainMariadb(ours, place)).toBe(ours)
})
