import { Tabs } from '@mantine/core';
import { Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { ErrorBoundary } from '../components/ErrorBoundary.tsx';
import { LoadingRows } from '../components/LoadingRows.tsx';
import { NotFound } from '../components/NotFound.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { paths } from '../paths.ts';
import { settingsTabs } from '../tabs/registry.ts';

/** Everything about a connection that is made, one tab each. The address says which. */
export function SettingsScreen({ tab }: { tab: string }) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const current = settingsTabs.find(({ id }) => id === tab);

  // A switch between tabs must not wait for code.
  useEffect(() => {
    const timer = setTimeout(() => settingsTabs.forEach(({ preload }) => preload()), 500);
    return () => clearTimeout(timer);
  }, []);

  if (current === undefined) return <NotFound />;
  return (
    <>
      <PageHeading
        steps={[
          { label: t('settings') },
          { label: t('integrations'), href: paths.integrations },
          { label: t('factorial') },
        ]}
      />
      <Tabs
        value={current.id}
        onChange={(next) => next !== null && navigate(paths.settings(next))}
        keepMounted={false}
      >
        <Tabs.List className="tab-list" aria-label={t('settings')}>
          {settingsTabs.map(({ id, label, preload }) => (
            <Tabs.Tab key={id} value={id} onPointerEnter={preload}>
              {t(label)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {settingsTabs.map(({ id, Panel }) => (
          <Tabs.Panel key={id} value={id} pt="lg">
            <ErrorBoundary>
              <Suspense fallback={<LoadingRows />}>
                <Panel />
              </Suspense>
            </ErrorBoundary>
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
