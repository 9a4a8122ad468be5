import type { ChartOptions } from 'chart.js'

/** CSS pixels of every chart: Discord shows an embed's picture at most 400 × 300, so 4 : 3 wastes nothing of it. */
export const CHART_WIDTH = 640
export const CHART_HEIGHT = 480

/** Pictures are drawn at twice their CSS size. */
export const PIXEL_RATIO = 2

/** Family under which the in-process renderer registers its font; a remote renderer takes the first that it has. */
export const FONT_FAMILY = 'NanumGothic'
const FONT_STACK = `${FONT_FAMILY}, 'Nanum Gothic', 'Noto Sans KR', 'Noto Sans CJK KR', sans-serif`

/** Shrunk to 400 pixels of width, 17 are still 10.6. */
export const FONT_SIZE = { title: 22, text: 17, small: 16 } as const

export const COLOR = {
  background: '#14171c',
  grid: 'rgba(255, 255, 255, 0.08)',
  frame: 'rgba(255, 255, 255, 0.22)',
  sessionBreak: 'rgba(255, 255, 255, 0.45)',
  text: '#f2f4f6',
  faint: '#aeb6c0',
  /** Korean convention: red rises, blue falls. */
  up: '#ff4d5a',
  down: '#4f8dff',
  flat: '#c3cad3',
  upFaint: 'rgba(255, 77, 90, 0.5)',
  downFaint: 'rgba(79, 141, 255, 0.5)',
  flatFaint: 'rgba(195, 202, 211, 0.5)',
  mark: '#ffc531',
  markFaint: 'rgba(255, 197, 49, 0.2)',
  usual: '#7fd1ae',
  usualFaint: 'rgba(127, 209, 174, 0.15)',
  warning: '#ffb454',
  none: 'transparent',
} as const

const LANGUAGE = { ko: 'ko-KR', en: 'en-US' } as const

export const font = (size: number, weight: 'normal' | 'bold' = 'normal') => ({ family: FONT_STACK, size, weight })

/** What every chart shares: still, of fixed size, with a title in the upper left corner and facts in grey below it. */
export const baseOptions = (locale: 'ko' | 'en', title: string, facts: string) =>
  ({
    locale: LANGUAGE[locale],
    responsive: false,
    animation: false,
    events: [],
    font: font(FONT_SIZE.text),
    color: COLOR.text,
    layout: { padding: { left: 12, right: 12, top: 8, bottom: 8 } },
    plugins: {
      legend: { display: false },
      // QuickChart loads a plugin that would write every number beside its bar.
      ...{ datalabels: { display: false } },
      tooltip: { enabled: false },
      title: {
        display: true,
        align: 'start',
        text: title,
        color: COLOR.text,
        font: font(FONT_SIZE.title, 'bold'),
        padding: { top: 2, bottom: 4 },
      },
      subtitle: {
        display: true,
        align: 'start',
        text: facts,
        color: COLOR.faint,
        font: font(FONT_SIZE.small),
        padding: { top: 0, bottom: 6 },
      },
    },
  }) satisfies ChartOptions
