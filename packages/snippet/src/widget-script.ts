import { WIDGET_CODE, WIDGET_NOTICE } from './gen/widget-code.ts';
import { asScript } from './script-text.ts';
import type { WidgetSettings } from './widget-settings.ts';

/** The dialog of a workspace as the snippet imports it: a module, which needs nothing that Trusted Types or a policy of the page would refuse. */
export function widgetScript(settings: WidgetSettings): string {
  return `${WIDGET_NOTICE}\nexport default ${WIDGET_CODE}(${asScript(settings)});\n`;
}
