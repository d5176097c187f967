// A payee confirms a merchant's transfer inside WeChat: its own browser has the bridge, every other one has not.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-wechat-transfer]");
  if (!button) return;
  const said = button.closest(".form").querySelector("[data-wechat-said]");
  const { merchant, app, package: sealed, confirmed, elsewhere } = button.dataset;
  if (!window.WeixinJSBridge) {
    said.textContent = elsewhere;
    return;
  }
  window.WeixinJSBridge.invoke(
    "requestMerchantTransfer",
    { mchId: merchant, appId: app, package: sealed },
    (answer) => {
      if (answer.err_msg !== "requestMerchantTransfer:ok") return;
      said.textContent = confirmed;
      button.disabled = true;
    },
  );
});
