// The sentences that people must meet, copied by hand: a page that says something else has changed its promise.

export const WORDS = {
  en: {
    locale: 'en-US',
    buy: (title) => `Buy ${title}`,
    payWith: 'Pay with',
    dinpay: 'Dinpay',
    orders: 'Your orders',
    orderPaid: /Paid/,
    orderWaits: /Waiting for the payment/,
    paid: /^Paid\. Received .+\.$/,
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
    orders: '我的订单',
    orderPaid: /已付款/,
    orderWaits: /等待付款/,
    paid: /^已付款，.+ 收讫。$/,
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
};

/** The title of the articles that the shop sells to us, once through each account. */
export const TITLE = '测试商品';
