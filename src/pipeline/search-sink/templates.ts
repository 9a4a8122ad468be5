/** Fields of the documents. `strict`: a field that is not listed is refused and never guessed. */
const mappings = (properties: Readonly<Record<string, object>>) => ({ dynamic: 'strict', properties })

const date = { type: 'date', format: 'epoch_millis||strict_date_optional_time' }
const keyword = { type: 'keyword' }
const double = { type: 'double' }
const integer = { type: 'integer' }
const long = { type: 'long' }

const BARS = mappings({
  ...{ '@timestamp': date, series: keyword, symbol: keyword },
  ...{ open: double, high: double, low: double, close: double, volume: double },
  received_at: date,
})

const SIGNALS = mappings({
  ...{ '@timestamp': date, series: keyword, symbol: keyword, model: keyword, episode: keyword },
  ...{ score: double, rank: long, of: long, late: { type: 'boolean' }, horizon: integer, cluster: integer },
  ...{ direction: keyword, move_percent: double, typical_move_percent: double },
  ...{ volume: double, typical_volume: double, volume_multiple: double, turnover: double },
  ...{ per_price: double, per_volume: double },
  judgement: { type: 'object', enabled: false },
})

/**
 * The index templates by name. They are put before the first document: a mapping that the node guesses from documents
 * depends on their order, and then refuses some.
 */
export const templates = (prefix: string): Readonly<Record<string, object>> =>
  Object.fromEntries(
    Object.entries({ bars: BARS, signals: SIGNALS }).map(([kind, mapping]) => [
      `${prefix}-${kind}`,
      {
        index_patterns: [`${prefix}-${kind}-*`],
        priority: 200,
        template: { settings: { number_of_shards: 1, refresh_interval: '5s' }, mappings: mapping },
        _meta: { description: 'made by minutewatch before the first document' },
      },
    ]),
  )
