import { Stack, Title } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import { useCard } from '../client/card.ts';
import type { Card } from '../client/types.ts';
import { CardProblem } from '../components/CardProblem.tsx';
import { LoadingRows } from '../components/LoadingRows.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { StepList } from '../components/StepList.tsx';
import { paths } from '../paths.ts';
import { ConnectedStep } from '../steps/ConnectedStep.tsx';
import { ConnectStep } from '../steps/ConnectStep.tsx';
import { CredentialsStep } from '../steps/CredentialsStep.tsx';

const steps = ['credentials', 'connect', 'connected'] as const;
type Step = (typeof steps)[number];

/** Credentials → Connect → Connected. The card says which step it is; only back to the credentials goes who wants to. */
export function WizardScreen() {
  const { t } = useTranslation('wizard');
  const common = useTranslation().t;
  const { data: card, error } = useCard();
  return (
    <>
      <PageHeading
        steps={[
          { label: common('settings') },
          { label: common('integrations'), href: paths.integrations },
          { label: t('title') },
        ]}
      />
      <CardProblem />
      {card === undefined ? null : <Wizard card={card} />}
      {card === undefined && error === null ? <LoadingRows rows={5} /> : null}
    </>
  );
}

function Wizard({ card }: { card: Card }) {
  const { t } = useTranslation('wizard');
  const [search] = useSearchParams();
  const [wish, setWish] = useState<Step | null>(search.has('credentials') ? 'credentials' : null);
  const step = stepOf(card.status, wish);
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);

  // Whoever cannot see the screen change hears the name of the new step.
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    heading.current?.focus();
  }, [step]);

  const names = steps.map((one) => t(`steps.${one}`));
  const current = steps.indexOf(step);
  return (
    <Stack gap="lg">
      <StepList names={names} current={current} label={t('title')} />
      <div className="surface">
        <Title order={2} size="h3" mb="md" ref={heading} tabIndex={-1} className="quiet-focus">
          {step === 'connected' ? t('connected.title') : names[current]}
        </Title>
        {step === 'credentials' ? <CredentialsStep card={card} onSaved={() => setWish('connect')} /> : null}
        {step === 'connect' ? (
          <ConnectStep card={card} onChangeCredentials={() => setWish('credentials')} />
        ) : null}
        {step === 'connected' ? <ConnectedStep card={card} /> : null}
      </div>
    </Stack>
  );
}

function stepOf(status: Card['status'], wish: Step | null): Step {
  switch (status) {
    case 'connected':
    case 'expired':
      return 'connected';
    case 'pending':
    case 'authorizing':
      return wish === 'credentials' ? 'credentials' : 'connect';
    case 'not_connected':
    case 'disconnected':
      // Saved, but not carried out yet: the next step works all the same.
      return wish === 'connect' ? 'connect' : 'credentials';
  }
}
