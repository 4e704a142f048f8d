.PHONY: record

record: installed ## Record what the model at LLM_BASE_URL replies to the evals
	RECORD=1 $(RUN) -m evals.rag
