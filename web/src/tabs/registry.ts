import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import type { common } from '../texts/en/common.ts';

/** A tab of the settings screen. Its id is the last part of its address; its code is loaded when it is first wanted. */
export interface SettingsTab {
  readonly id: string;
  /** Key of its name in the texts. */
  readonly label: `tabs.${keyof typeof common.tabs}`;
  readonly Panel: LazyExoticComponent<ComponentType>;
  /** Fetches its code ahead; repeating it costs nothing. */
  readonly preload: () => void;
}

function tab(id: string, name: keyof typeof common.tabs, load: () => Promise<ComponentType>): SettingsTab {
  return {
    id,
    label: `tabs.${name}`,
    Panel: lazy(async () => ({ default: await load() })),
    preload: () => void load(),
  };
}

/** In the order of the screen. */
export const settingsTabs: readonly SettingsTab[] = [
  tab('employees', 'employees', async () => (await import('./employees/EmployeesTab.tsx')).EmployeesTab),
  tab('day-types', 'dayTypes', async () => (await import('./day-types/DayTypesTab.tsx')).DayTypesTab),
  tab('calendar', 'calendar', async () => (await import('./calendar/CalendarTab.tsx')).CalendarTab),
  tab('activity', 'activity', async () => (await import('./activity/ActivityTab.tsx')).ActivityTab),
  tab('settings', 'settings', async () => (await import('./SettingsTab.tsx')).SettingsTab),
];
