import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { Redirect, Route, Router, Switch } from 'wouter';
import { queryClient } from './client/query-client.ts';
import { useSession } from './client/session.ts';
import { ErrorBoundary } from './components/ErrorBoundary.tsx';
import { Frame } from './components/Frame.tsx';
import { LoadingRows } from './components/LoadingRows.tsx';
import { NoToken } from './components/NoToken.tsx';
import { NotFound } from './components/NotFound.tsx';
import { basePath, paths } from './paths.ts';
import { IntegrationsScreen } from './screens/IntegrationsScreen.tsx';
import { styleNonce } from './style-nonce.ts';
import { readableGrays, theme } from './theme.ts';

const loadSettings = async () => ({ default: (await import('./screens/SettingsScreen.tsx')).SettingsScreen });
const loadWizard = async () => ({ default: (await import('./screens/WizardScreen.tsx')).WizardScreen });
const SettingsScreen = lazy(loadSettings);
const WizardScreen = lazy(loadWizard);

export function App() {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      cssVariablesResolver={readableGrays}
      getStyleNonce={styleNonce}
    >
      <Notifications position="bottom-right" autoClose={5_000} limit={3} />
      <ErrorBoundary>
        <QueryClientProvider client={queryClient}>
          <Router base={basePath()}>
            <Frame>
              <ErrorBoundary>
                <Suspense fallback={<LoadingRows />}>
                  <Screens />
                </Suspense>
              </ErrorBoundary>
            </Frame>
          </Router>
        </QueryClientProvider>
      </ErrorBoundary>
    </MantineProvider>
  );
}

function Screens() {
  const { token } = useSession();

  // The first screen is there sooner without the others; the way to them must not wait for code.
  useEffect(() => {
    const timer = setTimeout(() => void Promise.allSettled([loadSettings(), loadWizard()]), 500);
    return () => clearTimeout(timer);
  }, []);

  if (token === null) return <NoToken />;
  return (
    <Switch>
      <Route path="/">
        <Redirect to={paths.integrations} replace />
      </Route>
      <Route path={paths.integrations} component={IntegrationsScreen} />
      <Route path={paths.wizard} component={WizardScreen} />
      <Route path="/integrations/factorial/settings/:tab">{({ tab }) => <SettingsScreen tab={tab} />}</Route>
      <Route component={NotFound} />
    </Switch>
  );
}
