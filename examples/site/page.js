const show = () => {
  document.querySelector('#kept').textContent = localStorage.getItem('messtrack.demo') ?? 'nothing';
  document.querySelector('#page').textContent = location.pathname;
};
document.querySelector('#grant').addEventListener('click', () => gtag('consent', 'update', answer('granted')));
document.querySelector('#deny').addEventListener('click', () => gtag('consent', 'update', answer('denied')));
document.querySelector('#navigate').addEventListener('click', () => history.pushState({}, '', `/page-${Date.now() % 1000}`));
setInterval(show, 500);
