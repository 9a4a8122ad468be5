const LONGEST_WAIT_MS = 5_000

/**
 * The live connection. Comes back by itself, resumes where it was, and tells with `fresh` when it could not, so that the page reads anew.
 * `listener` gets every dispatched event as (name, data); `state` gets true and false.
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
    if (op === 10) this.#hello(d.heartbeat_interval)
    else if (op === 9) {
      this.sessionId = null
      this.#identify()
    } else if (op === 7) this.#socket.close()
    else if (op === 0) {
      if (name === 'READY') this.sessionId = d.session_id
      if (name === 'READY' || name === 'RESUMED') {
        this.#tries = 0
        this.#state(true)
      }
      this.#listener(name, d)
    }
  }

  #hello(interval) {
    this.#beat = setInterval(() => this.#send(1, this.#sequence), interval)
    if (this.sessionId) this.#send(6, { token: 'visitor', session_id: this.sessionId, seq: this.#sequence })
    else this.#identify()
  }

  #identify() {
    this.#sequence = null
    this.#send(2, { token: 'visitor', properties: { os: 'browser', browser: 'local', device: '' } })
  }

  #send(op, d) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ op, d }))
  }
}
