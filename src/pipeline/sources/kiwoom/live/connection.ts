import { WebSocket } from 'ws'
import { RetryableError } from '../../../../errors.ts'
import type { Log } from '../../../../log.ts'
import { bracketCode } from '../rest/verdict.ts'
import type { KiwoomTimings } from '../timings.ts'

/** One entry of a REAL frame. */
export interface RealEntry {
  readonly type: string
  readonly item: string
  readonly values: Readonly<Record<string, unknown>>
}

export interface Answer {
  /** 0 is yes; any other number is Kiwoom's, from the brackets of the message if it has them. */
  readonly code: number
  readonly message: string
}

export type Ending =
  | { readonly kind: 'closed' | 'silent' | 'left'; readonly detail: string }
  /** Another program has logged in with the same key. */
  | { readonly kind: 'taken over'; readonly detail: string }

/** A connection that has logged in. */
export interface Connection {
  /** Sends a frame and waits for the answer of the same kind. The caller sends one frame at a time. */
  ask(frame: Readonly<{ trnm: string }> & Readonly<Record<string, unknown>>): Promise<Answer>
  readonly ended: Promise<Ending>
  /** Ends the connection because nobody needs it any more. */
  leave(detail: string): void
  /** Ends the connection because it does not work. */
  fail(detail: string): void
}

/** The server accepted the connection but not the token. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused'
  readonly code: number | null
  constructor(answer: Answer) {
    super(answer.message)
    this.code = bracketCode(answer.message)
  }
}

interface Settings {
  readonly url: URL
  readonly token: string
  readonly now: () => number
  readonly timings: KiwoomTimings
  readonly log: Log
  readonly onReal: (entry: RealEntry, receivedAt: number) => void
  /** Takes secrets out of the server's messages. */
  readonly scrub: (text: string) => string
  readonly signal: AbortSignal
}

type Frame = Readonly<Record<string, unknown>>

/** Connects and logs in. @throws {LoginRefused} or {RetryableError} */
export const openConnection = async ({
  url,
  token,
  now,
  timings,
  log,
  onReal,
  scrub,
  signal,
}: Settings): Promise<Connection> => {
  signal.throwIfAborted()
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  let waiting: { trnm: string; resolve: (answer: Answer) => void } | null = null
  let heardAt = now()
  let unreadable = 0
  const { promise: ended, resolve: resolveEnded } = Promise.withResolvers<Ending>()
  let over = false

  const finish = (ending: Ending) => {
    if (over) return
    over = true
    clearInterval(watch)
    signal.removeEventListener('abort', onAbort)
    // A dead line never answers a close frame.
    if (ending.kind === 'silent') socket.terminate()
    else socket.close()
    resolveEnded(ending)
  }
  const onAbort = () => finish({ kind: 'left', detail: 'stopped' })
  const watch = setInterval(() => {
    const silentMs = now() - heardAt
    if (silentMs >= timings.silenceMs)
      finish({ kind: 'silent', detail: `no frame for ${Math.round(silentMs / 1000)} s` })
  }, timings.watchMs)
  signal.addEventListener('abort', onAbort, { once: true })

  const onFrameText = (text: string) => {
    const receivedAt = now()
    heardAt = receivedAt
    let frame: Frame
    try {
      frame = JSON.parse(text)
    } catch {
      frame = {}
    }
    switch (frame?.trnm) {
      case 'REAL':
        for (const entry of realEntries(frame)) onReal(entry, receivedAt)
        return
      case 'PING':
        socket.send(text)
        return
      case 'SYSTEM':
        onSystem(frame)
        return
      default:
        onAnswer(frame)
    }
  }
  const onSystem = (frame: Frame) => {
    const detail = scrub(String(frame.message ?? ''))
    if (frame.code === 'R10001') finish({ kind: 'taken over', detail })
    else log.warn({ code: frame.code, message: detail.slice(0, 200) }, 'kiwoom live system message')
  }
  const onAnswer = (frame: Frame) => {
    const trnm = frame?.trnm
    if (waiting && trnm === waiting.trnm) {
      const message = scrub(String(frame.return_msg ?? ''))
      const { resolve } = waiting
      waiting = null
      resolve({ code: bracketCode(message) ?? Number(frame.return_code ?? -1), message })
      return
    }
    unreadable += 1
    if (unreadable === 1)
      log.warn({ trnm: typeof trnm === 'string' ? trnm : null }, 'kiwoom live frame not understood, ignored')
  }

  const ask: Connection['ask'] = async (frame) => {
    const answer = new Promise<Answer>((resolve) => {
      waiting = { trnm: frame.trnm, resolve }
    })
    if (over) return { code: -1, message: 'the connection has ended' }
    socket.send(JSON.stringify(frame))
    const timer = setTimeout(() => finish({ kind: 'silent', detail: `no answer to ${frame.trnm}` }), timings.answerMs)
    const gone = ended.then(({ detail }): Answer => ({ code: -1, message: detail }))
    return Promise.race([answer, gone]).finally(() => clearTimeout(timer))
  }

  const opened = new Promise<void>((resolve) => socket.addEventListener('open', () => resolve(), { once: true }))
  socket.addEventListener('message', ({ data }) => {
    if (!over) onFrameText(typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBuffer))
  })
  socket.addEventListener('close', ({ code, reason }) =>
    finish({ kind: 'closed', detail: scrub(`${code}${reason ? ` ${reason}` : ''}`) }),
  )
  // An error event is always followed by a close event, which carries the code.
  socket.addEventListener('error', () => undefined)

  const openTimer = setTimeout(() => finish({ kind: 'silent', detail: 'no connection' }), timings.answerMs)
  const early = await Promise.race([opened, ended]).finally(() => clearTimeout(openTimer))
  const connection: Connection = {
    ask,
    ended,
    leave: (detail) => finish({ kind: 'left', detail }),
    fail: (detail) => finish({ kind: 'closed', detail }),
  }
  if (early) return failed(early, url, signal)
  const login = await ask({ trnm: 'LOGIN', token })
  if (login.code === 0) return connection
  if (over) {
    const ending = await ended
    // If another program takes the key over during our login, the ending is handled like any other.
    return ending.kind === 'taken over' ? connection : failed(ending, url, signal)
  }
  finish({ kind: 'left', detail: 'login refused' })
  throw new LoginRefused(login)
}

const failed = (ending: Ending, url: URL, signal: AbortSignal): never => {
  signal.throwIfAborted()
  throw new RetryableError(
    `Kiwoom's live feed at ${url.origin} cannot be opened (${ending.detail}); check the network and KIWOOM_WS_URL`,
  )
}

const realEntries = (frame: Frame): RealEntry[] => {
  const data = frame.data
  if (!Array.isArray(data)) return []
  return data.filter(
    (entry): entry is RealEntry =>
      typeof entry?.type === 'string' &&
      typeof entry.item === 'string' &&
      typeof entry.values === 'object' &&
      entry.values !== null,
  )
}
