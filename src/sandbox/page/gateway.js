const LONGEST_WAIT_MS = 5_000

const Op = { Dispatch: 0, Heartbeat: 1, Identify: 2, Resume: 6, Reconnect: 7, InvalidSession: 9, Hello: 10 }

/**
 * The live connection to the gateway. After an interruption it connects again by itself. It then resumes the session, or
 * starts a new one, which begins with READY. `listener` gets every dispatched event as (name, data). `state` gets true
 * when the connection works and false when it is lost.
 */
export class Gateway {
  sessionId = null
  #sequence = null
  #tries = 0
  #socket = null
  #beat = null
  #listener
  #state

  constructor(listener, state) {
    this.#listener = listener
    this.#state = state
  }

  connect() {
    const socket = new WebSocket(`ws://${location.host}/gateway?v=10&encoding=json`)
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#receive(JSON.parse(data)))
    socket.addEventListener('close', () => {
      clearInterval(this.#beat)
      if (socket !== this.#socket) return
      this.#state(false)
      const wait = Math.min(LONGEST_WAIT_MS, 250 * 2 ** this.#tries)
      this.#tries += 1
      setTimeout(() => this.connect(), wait)
    })
  }

  #receive({ op, t: name, s, d }) {
    if (s !== null) this.#sequence = s
    if (op === Op.Hello) this.#hello(d.heartbeat_interval)
    else if (op === Op.InvalidSession) {
      this.sessionId = null
      this.#identify()
    } else if (op === Op.Reconnect) this.#socket.close()
    else if (op === Op.Dispatch) {
      if (name === 'READY') this.sessionId = d.session_id
      if (name === 'READY' || name === 'RESUMED') {
        this.#tries = 0
        this.#state(true)
      }
      this.#listener(name, d)
    }
  }

  #hello(interval) {
    this.#beat = setInterval(() => this.#send(Op.Heartbeat, this.#sequence), interval)
    if (this.sessionId) this.#send(Op.Resume, { token: 'visitor', session_id: this.sessionId, seq: this.#sequence })
    else this.#identify()
  }

  #identify() {
    this.#sequence = null
    this.#send(Op.Identify, { token: 'visitor', properties: { os: 'browser', browser: 'local', device: '' } })
  }

  #send(op, d) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ op, d }))
  }
}
