// As banners do it: `gtag` puts its arguments into the data layer.
window.dataLayer = window.dataLayer || [];
function gtag() {
  window.dataLayer.push(arguments);
}
const answer = (value) => ({ ad_storage: value, ad_user_data: value, analytics_storage: value });
gtag('consent', 'default', answer('denied'));
