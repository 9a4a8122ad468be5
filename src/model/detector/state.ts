import { createHash } from 'node:crypto'
import { HORIZONS } from '../features/features.ts'
import { marketOf } from '../features/markets.ts'
import { PARAMETERS } from '../features/parameters.ts'
import { restored, type Stateful, saved } from '../features/state-tape.ts'
import { createDetector, type Detector, type DetectorSettings } from './detector.ts'
import type { Model } from './model.ts'

/** Grows with every change of a part's `carry`, and of whatever changes the numbers that bars make of a state. */
const VERSION = 1
const HASH_BYTES = 32

/**
 * A detector's whole rolling state as bytes: a SHA-256 of the rest, the version and a hash of the settings, the id of
 * its newest model, then the state's numbers, little-endian. Equal bars and settings give equal bytes.
 *
 * @param beside - its holder's own part, which is saved with it
 */
export const saveDetector = (detector: Detector, settings: DetectorSettings, beside?: Stateful): Uint8Array => {
  const state = saved((tape) => {
    tape.text(kindOf(settings))
    tape.text(detector.model?.id ?? '')
    detector.carry(tape, detector.model)
    beside?.carry(tape)
  })
  const bytes = new Uint8Array(HASH_BYTES + state.length)
  bytes.set(hashOf(state))
  bytes.set(state, HASH_BYTES)
  return bytes
}

/**
 * A detector that goes on where the saved one stood: each later bar gives the same judgement to the last bit.
 *
 * @param known - stored models by cutoff, see {@link createDetector}
 * @param stored - stored models by id; the detector judges by one of them until its next session
 * @param beside - a new part of the holder's own, which is restored with it
 * @returns null, and leaves `beside` as it is, if the bytes are damaged, were saved by another version or with other
 *   settings, or if their model is not stored
 */
export const restoreDetector = (
  bytes: Uint8Array,
  settings: DetectorSettings,
  known: (cutoff: number) => Model | null,
  stored: (id: string) => Model | null,
  beside?: Stateful,
): Detector | null => {
  const state = bytes.subarray(HASH_BYTES)
  if (Buffer.compare(hashOf(state), bytes.subarray(0, HASH_BYTES)) !== 0) return null
  let detector: Detector | null = null
  restored(state, (tape) => {
    if (tape.text('') !== kindOf(settings)) return
    const id = tape.text('')
    const model = id === '' ? null : stored(id)
    if (id !== '' && model === null) return
    detector = createDetector(settings, known)
    detector.carry(tape, model)
    beside?.carry(tape)
  })
  return detector
}

const hashOf = (state: Uint8Array): Uint8Array => createHash('sha256').update(state).digest()

/** The version, and a hash of the settings that the numbers of a state depend on. */
const kindOf = (settings: DetectorSettings): string => {
  const { symbol, calendar, k, seed, warmupMinutes, horizons = HORIZONS, parameters = PARAMETERS } = settings
  const content = { symbol, calendar: calendar.name, k, seed, warmupMinutes, horizons, parameters }
  const hash = createHash('sha256').update(JSON.stringify([content, marketOf(calendar.name)]))
  return `${VERSION} ${hash.digest('hex').slice(0, 16)}`
}
