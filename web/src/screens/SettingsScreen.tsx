import { Tabs } from '@mantine/core';
import { Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Redirect, useLocation } from 'wouter';
import { useCard } from '../client/card.ts';
import { isProblem } from '../client/problem.ts';
import { CardProblem } from '../components/CardProblem.tsx';
import { ConnectionStanding, StatusBadge } from '../components/ConnectionStanding.tsx';
import { ConnectFirst } from '../components/ConnectFirst.tsx';
import { ErrorBoundary } from '../components/ErrorBoundary.tsx';
import { LoadingRows } from '../components/LoadingRows.tsx';
import { NotFound } from '../components/NotFound.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { WarningList } from '../components/WarningList.tsx';
import { paths } from '../paths.ts';
import { settingsTabs } from '../tabs/registry.ts';

/** Everything about a connection that is made, one tab each. The address says which. */
export function SettingsScreen({ tab }: { tab: string }) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const { data: card, error } = useCard();
  const list = useRef<HTMLDivElement>(null);
  const current = settingsTabs.find(({ id }) => id === tab);

  // A switch between tabs must not wait for code.
  useEffect(() => {
    const timer = setTimeout(() => settingsTabs.forEach(({ preload }) => preload()), 500);
    return () => clearTimeout(timer);
  }, []);

  // On a phone the tabs are wider than the screen.
  useEffect(() => {
    list.current
      ?.querySelector('[aria-selected="true"]')
      ?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [tab]);

  if (current === undefined) return <NotFound />;
  if (isProblem(error, 'feature_missing')) return <Redirect to={paths.integrations} replace />;
  return (
    <>
      <PageHeading
        steps={[
          { label: t('settings') },
          { label: t('integrations'), href: paths.integrations },
          { label: t('factorial') },
        ]}
      >
        {card === undefined ? null : <StatusBadge status={card.status} />}
      </PageHeading>
      <CardProblem />
      {card === undefined ? null : (
        <>
          <ConnectionStanding card={card} />
          <WarningList warnings={card.warnings} card={card} />
        </>
      )}
      {card !== undefined && current.id !== 'settings' ? <ConnectFirst card={card} /> : null}
      <Tabs
        value={current.id}
        onChange={(next) => next !== null && navigate(paths.settings(next))}
        keepMounted={false}
      >
        <Tabs.List ref={list} className="tab-list" aria-label={t('settings')}>
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
