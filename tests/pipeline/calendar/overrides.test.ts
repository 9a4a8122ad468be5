import { expect, test } from 'vitest'
import { SetupError } from '../../../src/errors.ts'
import { loadKrxCalendar } from '../../../src/pipeline/calendar/krx.ts'
import { readCalendarOverrides } from '../../../src/pipeline/calendar/overrides.ts'
import { tempFile, tempFolder } from '../sources/csv/files.ts'

test('a file of late notices is read, with reasons or without', async () => {
  const path = tempFile(
    'notices.json',
    '\uFEFF{"closed":["2026-08-20",{"date":"2026-08-21","why":"임시공휴일"}],"special":[{"date":"2026-11-19","open":"10:00","close":"16:30"}]}',
  )
  expect(await readCalendarOverrides(path)).toEqual({
    closed: ['2026-08-20', '2026-08-21'],
    special: [{ date: '2026-11-19', open: '10:00', close: '16:30' }],
    years: [],
  })
  const calendar = await loadKrxCalendar(path)
  expect(calendar.nextSession(Date.parse('2026-08-19T12:00+09:00')).date).toBe('2026-08-24')
})

test('dates of a year that the file makes known are read', async () => {
  const path = tempFile(
    'notices.json',
    '{"years":[2051],"closed":["2051-01-02"],"special":[{"date":"2051-11-16","open":"10:00","close":"16:30"}]}',
  )
  expect((await loadKrxCalendar(path)).nextSession(Date.parse('2051-01-01T12:00+09:00')).date).toBe('2051-01-03')
  expect((await readCalendarOverrides(path)).special).toHaveLength(1)
})

test('without a file the calendar is the ordinary one', async () => {
  expect((await loadKrxCalendar()).lastSession(Date.parse('2026-08-20T12:00+09:00')).date).toBe('2026-08-20')
})

test.for([
  ['{"closed":["2026-02-30"]}', /closed\[0\]: expected a date like 2026-12-24, came "2026-02-30"$/],
  ['{"closed":["2026-12-24",7]}', /closed\[1\]: expected a date like 2026-12-24/],
  [
    '{"special":[{"date":"2026-11-19","open":"10:00","close":"25:30"}]}',
    /special\[0\]\.close: expected a time like 10:00, came "25:30"$/,
  ],
  [
    '{"special":[{"date":"2026-11-19","open":"15:25","close":"15:30"}]}',
    /special\[0\]: expected a close more than ten minutes after the open$/,
  ],
  ['{"close":["2026-12-24"]}', /the whole: .*"close"/],
  ['{"years":["2028"]}', /years\[0\]: expected a year like 2028$/],
  [
    '{"closed":["2026-11-19"],"special":[{"date":"2026-11-19","open":"10:00","close":"16:30"}]}',
    /2026-11-19 is in "closed" and in "special"/,
  ],
  [
    '{"special":[{"date":"2026-11-19","open":"10:00","close":"16:30"},{"date":"2026-11-19","open":"11:00","close":"16:30"}]}',
    /, 2026-11-19 is twice in "special": keep the one with the right hours$/,
  ],
  [
    '{"years":[2051],"closed":["2051-01-01","2052-01-02"]}',
    /, 2052-01-02 is of a year whose holidays are not known: list 2052 in "years" and all of its holidays in "closed", or leave the date out$/,
  ],
  [
    '{"special":[{"date":"1999-11-17","open":"10:00","close":"16:30"}]}',
    /, 1999-11-17 is of a year .* list 1999 in "years"/,
  ],
  ['[]', /the whole: /],
  ['{"closed":', /is not JSON/],
] as const)('%s is refused in one sentence that names the place', async ([text, sentence]) => {
  const path = tempFile('notices.json', text)
  const read = readCalendarOverrides(path)
  await expect(read).rejects.toThrow(SetupError)
  await expect(read).rejects.toThrow(sentence)
  await expect(read).rejects.toThrow(/^CALENDAR_FILE: [^\n]*notices\.json[^\n]*$/)
})

test('a file that is not there is named', async () => {
  await expect(readCalendarOverrides(`${tempFolder()}/none.json`)).rejects.toThrow(
    /none\.json cannot be read \(ENOENT\): name a JSON file/,
  )
})
