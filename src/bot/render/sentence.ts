import type { Judged } from '../../model/detector/judgement.ts'
import type { Texts } from '../locale/texts.ts'

/** The sentence that explains an alert. Every number in it is in the judgement. */
export const sentence = ({ why, severity }: Judged, name: string, { format, alert }: Texts): string =>
  alert.sentence({
    name,
    move: format.percent(why.movePercent),
    typicalMove: format.share(why.typicalMovePercent),
    over: why.gap ? 'gap' : why.horizon,
    multiple: why.volumeMultiple === null ? null : format.multiple(why.volumeMultiple),
    rank: severity.rank,
    of: format.count(severity.of),
  })
