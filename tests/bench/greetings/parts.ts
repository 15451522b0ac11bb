import type { GreetingParts } from '@messtrack/workspace/greeting-parts.ts';

/** Parts as a workspace would write them, four places of four phrases, and a set as small as people really make them. */
export const PARTS: Readonly<Record<string, GreetingParts>> = {
  'en 4x4x4x4': [
    ['Hello.', 'Good day.', 'Hi there.', 'Greetings to you.'],
    ['I have a question', 'I would like to ask', 'Please tell me more', 'Could somebody explain'],
    ['about your offer', 'on the prices', 'regarding delivery', 'concerning an order'],
    ['when you have time', 'as soon as possible', 'if that suits', 'before the weekend'],
  ],
  'ru 4x4x4x4': [
    ['Здравствуйте.', 'Добрый день.', 'Приветствую вас.', 'Доброго времени суток.'],
    ['У меня вопрос', 'Хочу узнать подробнее', 'Подскажите, пожалуйста', 'Расскажите, если можно'],
    ['по вашему предложению', 'насчёт цены', 'о сроках доставки', 'про оформление заказа'],
    ['когда будет время', 'как можно скорее', 'если вам удобно', 'до конца недели'],
  ],
  'es 4x4x4x4': [
    ['Hola.', 'Buenos días.', 'Muy buenas.', 'Un saludo.'],
    ['Tengo una pregunta', 'Quisiera saber más', 'Me pueden informar', 'Necesito una consulta'],
    ['sobre su oferta', 'acerca del precio', 'de los envíos', 'por un pedido'],
    ['cuando tengan tiempo', 'lo antes posible', 'si les parece', 'antes del fin de semana'],
  ],
  'en 8x8 short': [
    ['Hello,', 'Hi,', 'Hey,', 'Good day,', 'Good morning,', 'Greetings,', 'Hello there,', 'Hi there,'],
    [
      'I have a question',
      'I would like to ask',
      'tell me more please',
      'what does it cost',
      'is this available',
      'can you help me',
      'I want to order',
      'I saw your ad',
    ],
  ],
};
