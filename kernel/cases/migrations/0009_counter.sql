-- The cases of a person, as the counter shows them.
CREATE INDEX cases_by_requester ON cases (requester, id) WHERE requester IS NOT NULL;
CREATE INDEX cases_by_beneficiary ON cases (beneficiary, id) WHERE beneficiary IS NOT NULL;
