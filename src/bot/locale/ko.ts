import { createFormat } from './format.ts'
import { koCharts } from './ko-charts.ts'
import { withParticle } from './particles.ts'
import type { Texts } from './texts.ts'

const DROP_REASONS: Readonly<Record<string, string>> = {
  budget: '이 채널의 알림 기준에 못 미침',
  stale: '늦어서 생략',
  muted: '알림 끔',
  gone: '채널 없음',
  deleted: '메시지 삭제됨',
  rejected: '디스코드가 거부함',
}

const SEGMENTS: Readonly<Record<string, string>> = { KOSPI: '코스피', KOSDAQ: '코스닥', KONEX: '코넥스' }

/** `가장`, `3번째로`. */
const ordinal = (rank: number): string => (rank === 1 ? '가장' : `${ko.format.count(rank)}번째로`)

export const ko: Texts = {
  locale: 'ko',
  languageName: '한국어',
  format: createFormat('ko'),

  stock: (name, symbol) => `${name}(${symbol})`,

  provenance: {
    real: '실제 시세',
    simulated: '모의 시장 SIMULATED: 실제 시세가 아닙니다',
    replay: '지난 분봉 재생 REPLAY: 지금 시세가 아닙니다',
    unofficial: (minutes) => (minutes > 0 ? `비공식 시세 · 약 ${minutes}분 지연` : '비공식 시세'),
  },

  exchangeWarnings: '거래소 지정',

  trading: {
    segment: (market) => SEGMENTS[market] ?? market,
    alsoNxt: '넥스트레이드(NXT)에서도 거래',
    krxOnly: 'KRX에서만 거래',
  },

  interruptions: {
    title: '변동성완화장치(VI)',
    types: { static: '정적', dynamic: '동적', both: '정적·동적' },
    endUnknown: '(해제 시각 미수신)',
    trigger: (price) => `발동가 ${price}`,
    count: (count, today) => `${today ? '오늘' : '그날'} ${count}번째`,
  },

  alert: {
    sentence: ({ name, move, typicalMove, over, multiple, rank, of }) => {
      const moved =
        over === 'gap'
          ? `전 거래일 종가보다 ${move}에서 시작했고(평소 시가 차이 ${typicalMove})`
          : `${over}분 사이 ${move} 움직였고(평소 ${typicalMove})`
      const traded = multiple === null ? '거래가 없던 뒤에 거래가 터졌습니다' : `거래량은 평소의 ${multiple}였습니다`
      return `${withParticle(name, '이가')} ${moved} ${traded}. 지금까지 본 ${of}분 가운데 ${ordinal(rank)} 드문 1분입니다.`
    },
    volumeShort: (multiple) => `거래량 ${multiple}`,
    volumeFromNothing: '거래 없다가 체결',
    rise: '더 강해짐',
    late: '늦게 들어온 분봉',
    move: '움직임',
    since: (clock, move, minutes) => `${clock} 이후 ${move} · 이상 분봉 ${minutes}개 더`,
    moveValue: (move, typical, over) => `**${move}**\n평소 ${over === 'gap' ? '시가 차이' : `${over}분`} ±${typical}`,
    volume: '거래량',
    volumeValue: (volume, typical, multiple) =>
      `**${volume}**\n${multiple === null ? '평소 거래 없음' : `평소 ${typical}의 ${multiple}`}`,
    turnover: '거래대금',
    turnoverValue: (turnover, typical) => `**${turnover}**\n평소 ${typical}`,
    rank: '이례적인 정도',
    rankValue: (rank, of, top) => `**${rank}위** / ${of}분\n상위 ${top}`,
    cluster: '군집',
    clusterValue: (cluster, k, abnormal) =>
      `**${cluster}번**${k === null ? '' : ` / ${k}개`} · ${abnormal ? '이상 군집' : '보통 군집'}`,
    state: '상태',
    calmed: (clock, minutes) => `${clock}에 진정 · 이상 분봉 ${minutes}개`,
    ongoing: (minutes) => (minutes > 1 ? `진행 중 · 이상 분봉 ${minutes}개` : '진행 중'),
    price: '가격',
  },

  watch: {
    started: (stock) => `${withParticle(stock, '을를')} 이 채널에서 지켜봅니다.`,
    already: (stock) => `${withParticle(stock, '은는')} 이미 이 채널에서 지켜보고 있습니다.`,
    progress: (phase, { bars, done, total, rate, left }) =>
      phase === 'fetch'
        ? `과거 분봉 받는 중… ${done}/${total}일 · ${bars}개 · 초당 ${rate}개${left === null ? '' : ` · ${left}초 남음`}`
        : `분봉 ${bars}개로 평소 모습을 배우는 중…`,
    learned: '배운 기록',
    learnedValue: (bars, sessions) => `분봉 ${bars}개 · ${sessions}거래일`,
    learnedNothing: '아직 없음',
    learning: (have, need) => `아직 배우는 중: ${need}분 중 ${have}분. 다 모이면 바로 판단을 시작합니다.`,
    unusual: (day) => `${day} 가장 이례적인 1분`,
    noUnusual: '아직 판단한 분봉이 없습니다.',
    unusualLine: (clock, move, multiple, rank, of, abnormal) =>
      `**${clock}** ${move} · 거래량 ${multiple} · ${of}분 중 ${rank}위${abnormal ? ' · 이상' : ''}`,
    marketStarted: (market, stocks) =>
      `이제 이 채널에서 ${withParticle(market, '을를')} 지켜봅니다(${stocks}종목). 종목마다 과거를 다 배운 뒤부터 판단합니다. \`/watchlist\`에 시장이 보이고, \`/unwatch\`로 그만둡니다.`,
    marketAlready: (market, stocks) =>
      `이 채널은 이미 ${withParticle(market, '을를')} 지켜보고 있습니다(${stocks}종목).`,
    marketFull: (market, stocks, capacity) =>
      `${withParticle(market, '은는')} ${stocks}종목인데, 이 시세 서버로는 1분에 ${capacity}종목까지만 지켜볼 수 있습니다.`,
    marketUnlisted: (market) => `이 시세 서버에는 ${market} 목록이 없습니다.`,
    full: (capacity) =>
      `매분 따라갈 수 있는 종목은 ${capacity}개까지이고 지금 다 찼습니다. \`/unwatch\`로 자리를 비운 뒤 다시 해 주세요.`,
    missing: (permissions) =>
      `이 채널에 알림을 올릴 권한이 모자랍니다: ${permissions.map((name) => ko.watch.permissions[name]).join(', ')}. 서버 관리자가 봇에 이 권한을 주면 됩니다.`,
    permissions: {
      ViewChannel: '채널 보기',
      SendMessages: '메시지 보내기',
      SendMessagesInThreads: '스레드에서 메시지 보내기',
      EmbedLinks: '링크 첨부',
      AttachFiles: '파일 첨부',
    },
  },

  markets: { kospi: '코스피 전체', kosdaq: '코스닥 전체', krx: '코스피·코스닥 전체' },

  unwatch: {
    marketDone: (market) => `이제 ${withParticle(market, '을를')} 이 채널에서 지켜보지 않습니다.`,
    marketNotWatched: (market) =>
      `${withParticle(market, '은는')} 이 채널에서 지켜보는 시장이 아닙니다. \`/watchlist\`에서 확인하세요.`,
    done: (stock) => `이제 ${withParticle(stock, '을를')} 이 채널에서 지켜보지 않습니다.`,
    notWatched: (symbol) =>
      `${withParticle(symbol, '은는')} 이 채널에서 지켜보는 종목이 아닙니다. \`/watchlist\`에서 확인하세요.`,
  },

  watchlist: {
    market: (market, stocks) => `**${market}** · ${stocks}종목`,
    title: '지켜보는 종목',
    empty: '아직 지켜보는 종목이 없습니다. `/watch 종목코드`로 시작하세요. 예: `/watch 038530`',
    count: (stocks) => `${stocks}종목`,
    line: (price, clock, state) =>
      price === null ? state : `${price}${clock === null ? '' : ` (${clock})`} · ${state}`,
    judged: '매분 판단 중',
    learning: (have, need) => `배우는 중 (${need}분 중 ${have}분)`,
    lastEpisode: (moment) => `최근 이상 ${moment}`,
    paused: '이 채널에 글을 올릴 권한이 없어 알림을 멈췄습니다. 권한을 주면 저절로 다시 시작합니다.',
    more: (count) => `그 밖에 ${count}종목`,
  },

  centers: {
    title: (stock, k) => `${stock} · 군집 ${k}개의 중심`,
    trained: (rows, cutoff, trainedAt) => `분봉 ${rows}개로 학습 · ${cutoff}까지 · ${trainedAt}에 학습`,
    imported: (origin, importedAt, rows, cutoff) =>
      `시장 전체의 중심(출처: ${origin}) · ${importedAt}에 가져옴 · ${cutoff}까지 이 종목의 분봉 ${rows}개를 나누어 셈`,
    cluster: (index, size, share, abnormal) => `${index}번 · ${size}분 (${share})${abnormal ? ' · 이상' : ''}`,
    typical: (move, multiple) => `보통 ±${move}, 거래량은 평소의 ${multiple}`,
    abnormalFrom: '이상으로 보는 기준',
    alertFrom: '이 채널에 알리는 기준',
    from: (minutes, usual, tenfold) => `${minutes}분 사이: 거래량이 평소만큼이면 ±${usual}, 10배면 ±${tenfold}`,
    noAlertsLeft: '오늘 이 채널의 알림 수를 다 썼습니다',
    noise: '사건 없는 날의 오탐',
    noiseValue: (perSession) => `하루 ${perSession}분`,
    inertia: '관성(제곱합)',
    changesNote:
      '예전 방식(직전 분봉 대비 가격·거래량 %)입니다. 잡음을 이상으로 잡는 일이 많아 알림에는 쓰지 않습니다.',
    modelNote: '이상 군집에 들어가고 이 채널의 기준을 넘은 1분을 알립니다.',
  },

  changes: {
    both: (price, volume) => `가격 ${price} · 거래량 ${volume}`,
    sentence: (name, price, volume, rank, of) =>
      `${name}: 바로 앞 분봉과 견줘 가격 ${price}, 거래량 ${volume}. 지금까지 본 ${of}분 가운데 ${ordinal(rank)} 큰 변화입니다.`,
    caution: '이 표에는 바로 앞 분봉 대비 %만 있습니다. 앞 분봉의 거래가 아주 적었으면 그것만으로도 큰 값이 나옵니다.',
    price: '가격 변화',
    volume: '거래량 변화',
    size: '군집 크기',
    sizeValue: (size, rows) => `**${size}분**\n학습한 ${rows}분 가운데`,
    line: (moment, changes, rank, of, minutes) =>
      `**${moment}** ${changes} · ${of}분 중 ${rank}위${minutes > 1 ? ` · ${minutes}분` : ''}`,
    note: '예전 방식(직전 분봉 대비 가격·거래량 %)입니다. 이 표에는 가격이 없어, 작은 군집에 들어가고 이 채널의 기준을 넘은 1분을 알립니다.',
    noChart: '이 시세 표에는 가격이 없고 변화율만 있어 차트를 그릴 수 없습니다. `/centers`나 `/history`를 써 주세요.',
  },

  history: {
    title: (stock) => `${stock} · 이상 기록`,
    empty: '아직 이상으로 판단한 1분이 없습니다.',
    line: (moment, move, multiple, rank, of, minutes) =>
      `**${moment}** ${move} · 거래량 ${multiple} · ${of}분 중 ${rank}위${minutes > 1 ? ` · ${minutes}분` : ''}`,
    posted: (state, reason) => {
      if (state === 'sent') return '알림 올림'
      if (state === 'pending') return '올리는 중'
      if (state === 'none') return '기록만'
      return reason === null ? '기록만' : `기록만 · ${DROP_REASONS[reason] ?? reason}`
    },
    older: '예전 모델의 판단',
    more: (count) => `그 밖에 ${count}건`,
  },

  chart: {
    title: (stock, day) => (day === null ? stock : `${stock} · ${day}`),
    empty: '아직 그릴 분봉이 없습니다.',
    caption: (from, to, price, change) => `${from}–${to} · ${price} (${change})`,
  },

  sensitivity: {
    title: '알림 빈도',
    set: (perDay) => `이 채널의 알림을 하루 ${perDay}번쯤으로 맞췄습니다. 나머지 이상 분봉은 \`/history\`에 남습니다.`,
    current: (perDay) => `지금은 채널 전체에 하루 ${perDay}번쯤입니다.`,
    expected: '예상',
    expectedValue: (perDay, stocks, most) => `${stocks}종목에 **하루 ${perDay}번**쯤 · 아무리 많아도 ${most}번까지`,
    realised: '최근 끝난 거래일',
    realisedValue: (perDay, sessions) => `${sessions}거래일 동안 하루 ${perDay}번`,
    notYet: '아직 끝난 거래일이 없습니다',
    converted: (perWeek, perDay) =>
      `이제 알림 수는 채널 전체의 하루 기준입니다. 종목마다 일주일에 ${perWeek}번이던 것이 하루 ${perDay}번이 되었습니다.`,
    nothingWatched: '이 채널은 아직 지켜보는 종목이 없습니다.',
  },

  language: {
    set: () => '이 채널의 알림을 이제 한국어로 올립니다.',
  },

  help: {
    title: 'minutewatch',
    what: '주식의 모든 1분을 지켜보다가, 그 종목의 평소와 확연히 다른 1분이 나오면 바로 차트와 함께 알립니다.',
    howTitle: '판단 방법',
    how: '종목마다 지난 분봉의 가격 움직임과 거래량을 k-means 군집으로 나눕니다. 방금 닫힌 1분이 이상 군집에 들어가면 이상 분봉입니다. 판단에는 그 1분보다 앞선 기록만 씁니다. 가까운 시각의 이상 분봉은 한 알림으로 묶습니다.',
    commandsTitle: '명령',
    notesTitle: '알아 두기',
    notes: '봇은 일어난 일만 전합니다. 투자 조언이 아니며, 앞으로의 가격을 말하지 않습니다.',
  },

  errors: {
    whichMarket: '그런 시장은 없습니다. `market:kosdaq`, `market:kospi`, 둘 다는 `market:krx` 가운데 고르세요.',
    malformed: (text) => `“${text}”: 종목코드나 종목명으로 읽을 수 없습니다.`,
    unknown: (text) => `“${text}”: 여기에 상장된 종목이 아닙니다.`,
    suggestions: (list) => `혹시 이 종목인가요? ${list}`,
    howToName: '여섯 자리 코드(예: `038530`)나 종목명을 넣어 주세요.',
    retryable: '시세 서버가 지금 응답하지 않습니다. 저절로 다시 시도하니 잠시 뒤에 명령을 다시 넣어 주세요.',
    setup:
      '운영자가 설정을 고쳐야 지금 이 명령에 답할 수 있습니다. 무엇을 고칠지는 봇의 로그에 한 문장으로 남아 있습니다.',
    unlisted: (symbol) => `${withParticle(symbol, '은는')} 시세 서버에 없는 종목입니다.`,
    failed: (reference) =>
      `죄송합니다. 봇 안에서 문제가 생겼습니다. 운영자에게 이 번호를 알려 주세요: \`${reference}\``,
    guildOnly: '이 명령은 서버 채널에서만 쓸 수 있습니다.',
    stopping: '봇이 지금 꺼지는 중입니다. 잠시 뒤에 다시 해 주세요.',
  },

  historyNotice: (channel) =>
    `${channel}의 메시지 기록을 볼 권한이 없어, 더 강해진 분봉을 알림에 대한 답장이 아니라 따로 올립니다. ‘메시지 기록 보기’ 권한을 주면 답장으로 이어집니다.`,

  pausedNotice: (channel, needed) =>
    `${channel}에 알림을 올릴 권한이 없어 멈췄습니다. ${needed.map((name) => ko.watch.permissions[name]).join(', ')} 권한을 주면 저절로 다시 시작합니다.`,

  notices: {
    unanswered: (stocks, source, since) =>
      `장중인데 ${since}부터 ${source}에서 ${stocks} 분봉이 오지 않아, 봇이 계속 다시 요청하고 빈 분봉은 오는 대로 채웁니다.`,
    empty: (stocks, source, since) =>
      `장중인데 ${since}부터 ${source}에서 ${stocks} 체결이 한 건도 오지 않고, 시장 전체가 멈췄을 때(서킷브레이커)도 이렇게 보이며, 봇은 계속 다시 요청하고 빈 분봉은 오는 대로 채웁니다.`,
    alone: (stocks, source, since) =>
      `${stocks}: 줄곧 거래되다가 ${since}부터 ${source}에 체결이 없는데 거래정지 때도 이렇게 보이며, 봇은 계속 확인합니다.`,
    unfilled: (stocks, source, since) =>
      `달력에는 거래일인데 ${since}부터 수집기가 ${source}에 ${stocks} 분봉을 하나도 기록하지 않았으니, 장이 열렸다면 수집기 운영자가 확인해야 합니다.`,
    back: (stocks, source, since) =>
      `${source}에서 ${stocks} 분봉이 다시 오고, ${since}부터 비어 있던 분봉은 ${withParticle(source, '이가')} 준 만큼 채웠습니다.`,
    closed: (day) =>
      `${withParticle(day, '은는')} 달력에 거래일로 되어 있지만 개장 한 시간이 지나도록 체결이 없어, 봇이 휴장일로 보고 거래가 시작되는지만 계속 확인합니다.`,
    open: (day) => `휴장일로 보았던 ${day}에 체결이 들어와, 봇이 다시 매분 판단합니다.`,
    more: (stocks, left) => `${stocks} 외 ${left}종목`,
  },

  charts: koCharts,

  commands: {
    watch: '종목을 이 채널에서 지켜보기',
    unwatch: '종목 그만 지켜보기',
    watchlist: '이 채널이 지켜보는 종목',
    centers: '종목의 군집과 중심 보기',
    history: '종목의 이상 기록',
    chart: '종목의 1분봉 차트',
    sensitivity: '이 채널의 알림 빈도 보기와 바꾸기',
    language: '이 채널 알림의 언어',
    help: '이 봇이 하는 일',
  },
  options: {
    symbol: '종목코드나 종목명',
    k: '군집 수',
    features: '어떤 값으로 나눌지',
    raw: '모델의 원래 숫자 보기',
    count: '몇 건',
    minutes: '최근 몇 분',
    level: '빈도',
    alerts: '이 채널에 하루 몇 번 (직접 정하기)',
    language: '언어',
  },
  choices: {
    model: '지금 방식 (알림에 쓰는 값)',
    seed: '예전 방식 (직전 분봉 대비 %)',
    quiet: '조용히 (하루 2번쯤)',
    normal: '보통 (하루 6번쯤)',
    lively: '자주 (하루 20번쯤)',
  },
}
