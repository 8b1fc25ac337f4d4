"""The Rasa side: it is handed a message and returns keys (act, topic, candidates), never words.

    run, train    serve the model; train what is stale (fingerprints says what that is)
    channel       the one way in: POST /webhooks/sahi/turn (turn: reads it)
    trials        how some topics would be understood if they were other than published
    log           nobody's words in any log
    without_tensorflow   what Rasa imports and we never use
    concepts.yaml        words that mean the same in the three languages
    components/
        slash_guard      what a person types is never an instruction to Rasa
        tokenizer, acts_importer     content/ -> the small model of conversational acts
        content_matcher  last of the pipeline; deciding weighs the index against that model
        index            the matcher, without Rasa: features, concepts, space (vectors),
                         learning (classifier, held-out fits), evidence, calibration
        refresher        keeps the index equal to what editors published (variants, memory, live)
        tracker_store, lock, nlg     Rasa's plugs, made small

It may import `spelling`, never `api`.
"""
