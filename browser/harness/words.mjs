// The sentences that people must meet, copied by hand: a page that says something else has changed its promise.

export const WORDS = {
  en: {
    locale: 'en-US',
    buy: (title) => `Buy ${title}`,
    payWith: 'Pay with',
    dinpay: 'Dinpay',
    counter: 'Pay at the counter',
    online: 'Pay online',
    orders: 'Your orders',
    orderPaid: /Paid/,
    orderWaits: /Waiting for the payment/,
    paid: /^Paid\. Received .+\.$/,
    atTerminal: 'Please pay at the terminal. This page updates by itself.',
    closed: 'This order is closed. If you have paid, the shop has been told and will refund or deliver.',
    checking: 'We are asking the payment company. This page updates by itself.',
    timedOut: 'Not confirmed yet. Look at your order later. Please do not pay again.',
    notYet: 'We see no payment yet. If you have paid, look at your order later; please do not pay again.',
    completed: 'Payment completed',
    toShop: /Back to the shop/,
  },
  zh: {
    locale: 'zh-CN',
    buy: (title) => `购买 ${title}`,
    payWith: '付款方式',
    dinpay: '智付',
    counter: '柜台付款',
    online: '在线付款',
    orders: '我的订单',
    orderPaid: /已付款/,
    orderWaits: /等待付款/,
    paid: /^已付款，.+ 收讫。$/,
    atTerminal: '请在终端上付款，本页会自动更新。',
    closed: '订单已关闭。如已付款，商家已收到通知，将为您退款或发货。',
    checking: '正在向支付公司确认，本页会自动更新。',
    timedOut: '暂未确认。请稍后查看订单，请勿重复付款。',
    notYet: '暂未查到付款。如已付款，请稍后查看订单，请勿重复付款。',
    completed: '已完成付款',
    toShop: /返回商家/,
  },
};

/** The sandbox may speak both languages at once. */
export const SANDBOX = {
  pay: /Confirm and pay|确认无误，付款/,
  leave: /Leave without paying|不付款，离开/,
  succeeded: /Payment succeeded\.|付款成功。/,
  toShop: /Back to the shop|返回商家/,
  approve: /Approve: the customer pays|批准：顾客付款成功/,
  cancel: /Cancel by user|用户取消/,
  offline: /Go offline|断开网络/,
  online: /Come online|恢复在线/,
  idle: /Nothing waits here|没有待处理的订单/,
};

/** The title of the articles that the shop sells to us, once through each account. */
export const TITLE = '测试商品';
