// Made by scripts/generate.mjs from data/; change it there.

/** provider, id, name, contextWindow, maxOutputTokens, price, tiers, capabilities, released, aliases */
export const table: string = `
anthropic,claude-fable-5,Claude Fable 5,1000000,128000,10/50/1/12.5,,yyyy?,2026-06-09,
anthropic,claude-fable-5-1,Claude Fable 5.1,1000000,128000,10/50/0.25/12.5,,y?yy?,,
anthropic,claude-fable-5-2,Claude Fable 5.2,1000000,128000,8/40/0.2/10,,y?yy?,,fable
anthropic,claude-haiku-4-5,Claude Haiku 4.5,200000,64000,1/5/0.1/1.25,,yyyy?,2025-10-15,
anthropic,claude-haiku-4-5-20251001,Claude Haiku 4.5,200000,64000,1/5/0.1/1.25,,yyyy?,2025-10-15,
anthropic,claude-haiku-5-5,Claude Haiku 5.5,1000000,128000,0.1/0.5/0.01/0.125,100000:0.5/2.5/0.05/0.625,y?yy?,,haiku
anthropic,claude-opus-4-5,Claude Opus 4.5,200000,64000,5/25/0.5/6.25,,yyyy?,2025-11-24,
anthropic,claude-opus-4-5-20251101,Claude Opus 4.5,200000,64000,5/25/0.5/6.25,,yyyy?,2025-11-01,
anthropic,claude-opus-4-6,Claude Opus 4.6,1000000,128000,5/25/0.5/6.25,,yyyy?,2026-02-05,
anthropic,claude-opus-4-7,Claude Opus 4.7,1000000,128000,5/25/0.5/6.25,,yyyy?,2026-04-16,
anthropic,claude-opus-4-8,Claude Opus 4.8,1000000,128000,5/25/0.5/6.25,,yyyy?,2026-05-28,
anthropic,claude-opus-5,Claude Opus 5,1000000,128000,5/25/0.5/6.25,,y?yy?,,
anthropic,claude-opus-5-5,Claude Opus 5.5,1000000,128000,4/20/0.2/5,,y?yy?,,opus
anthropic,claude-sonnet-4-20250514,Claude Sonnet 4,200000,64000,3/15/0.3/3.75,,yyyy?,2025-05-22,claude-sonnet-4-0 claude-sonnet-4
anthropic,claude-sonnet-4-5,Claude Sonnet 4.5,200000,64000,3/15/0.3/3.75,,yyyy?,2025-09-29,sonnet-4.5
anthropic,claude-sonnet-4-5-20250929,Claude Sonnet 4.5,200000,64000,3/15/0.3/3.75,,yyyy?,2025-09-29,
anthropic,claude-sonnet-4-6,Claude Sonnet 4.6,1000000,128000,3/15/0.3/3.75,,yyyy?,2026-02-17,
anthropic,claude-sonnet-5,Claude Sonnet 5,1000000,128000,2/10/0.2/2.5,,yyyy?,2026-06-30,
anthropic,claude-sonnet-5-5,Claude Sonnet 5.5,1000000,128000,2/10/0.1/2.5,,y?yy?,,sonnet claude
openai,chat-latest,Chat Latest,400000,128000,5/30/0.5/,,y?yy?,,
openai,gpt-4.1,GPT-4.1,1047576,32768,2/8/0.5/,,yyyny,2025-04-14,gpt41
openai,gpt-4.1-mini,GPT-4.1 mini,1047576,32768,0.4/1.6/0.1/,,yyyny,2025-04-14,gpt41-mini
openai,gpt-4.1-nano,GPT-4.1 nano,1047576,32768,0.1/0.4/0.025/,,ynyny,2025-04-14,gpt41-nano
openai,gpt-4o,GPT-4o,128000,16384,2.5/10/1.25/,,yyyny,2024-05-13,gpt4o
openai,gpt-4o-mini,GPT-4o mini,128000,16384,0.15/0.6/0.075/,,yyyny,2024-07-18,gpt4o-mini
openai,gpt-5,GPT-5,400000,128000,1.25/10/0.125/,,ynyyy,2025-08-07,
openai,gpt-5-chat-latest,GPT-5 Chat Latest,128000,16384,1.25/10/0.125/,,ynnny,2025-08-07,
openai,gpt-5-mini,GPT-5 Mini,400000,128000,0.25/2/0.025/,,ynyyy,2025-08-07,
openai,gpt-5-nano,GPT-5 Nano,400000,128000,0.05/0.4/0.005/,,ynyyy,2025-08-07,
openai,gpt-5-pro,GPT-5 Pro,400000,128000,15/120//,,ynyyy,2025-10-06,
openai,gpt-5.1,GPT-5.1,400000,128000,1.25/10/0.125/,,ynyyy,2025-11-13,
openai,gpt-5.2,GPT-5.2,400000,128000,1.75/14/0.175/,,ynyyy,2025-12-11,gpt52
openai,gpt-5.2-pro,GPT-5.2 Pro,400000,128000,21/168//,,ynyyn,2025-12-11,
openai,gpt-5.3-codex,GPT-5.3 Codex,400000,128000,1.75/14/0.175/,,yyyyy,2026-02-05,codex
openai,gpt-5.3-codex-spark,GPT-5.3 Codex Spark,128000,32000,1.75/14/0.175/,,yyyyy,2026-02-05,
openai,gpt-5.4,GPT-5.4,272000,128000,2.5/15/0.25/,272000:5/22.5/0.5/,yyyyy,2026-03-05,
openai,gpt-5.4-mini,GPT-5.4 mini,400000,128000,0.75/4.5/0.075/,,ynyyy,2026-03-17,
openai,gpt-5.4-nano,GPT-5.4 nano,400000,128000,0.2/1.25/0.02/,,ynyyy,2026-03-17,
openai,gpt-5.4-pro,GPT-5.4 Pro,1050000,128000,30/180//,272000:60/270//,ynyyn,2026-03-05,
openai,gpt-5.5,GPT-5.5,272000,128000,5/30/0.5/,272000:10/45/1/,yyyyy,2026-04-23,
openai,gpt-5.5-pro,GPT-5.5 Pro,1050000,128000,30/180//,272000:60/270//,yyyyy,2026-04-23,
openai,gpt-5.6-luna,GPT-5.6 Luna,272000,128000,0.2/1.2/0.02/0.25,272000:0.4/1.8/0.04/0.5,y?yy?,,
openai,gpt-5.6-sol,GPT-5.6 Sol,272000,128000,4/20/0.4/5,272000:8/30/0.8/10,y?yy?,,
openai,gpt-5.6-terra,GPT-5.6 Terra,272000,128000,2/12/0.2/2.5,272000:4/18/0.4/5,y?yy?,,
openai,gpt-6-astra,GPT-6 Astra,272000,128000,10/50/1/12.5,272000:20/75/2/25,y?yy?,,
openai,gpt-6-luna,GPT-6 Luna,272000,128000,0.1/0.5/0.01/0.125,272000:0.2/0.75/0.02/0.25,y?yy?,,
openai,gpt-6-sol,GPT-6 Sol,272000,128000,2/10/0.2/2.5,272000:4/15/0.4/5,y?yy?,,
openai,gpt-6.1-sol,GPT-6.1 Sol,272000,128000,2/10/0.1/2.5,272000:4/15/0.2/5,y?yy?,,gpt
openai,gpt-6.1-terra,GPT-6.1 Terra,272000,128000,1/5/0.05/1.25,272000:2/7.5/0.1/2.5,y?yy?,,
openai,o1,o1,200000,100000,15/60/7.5/,,yyyyy,2024-12-05,
openai,o3,o3,200000,100000,2/8/0.5/,,yyyyy,2025-04-16,
openai,o3-mini,o3-mini,200000,100000,1.1/4.4/0.55/,,nnyyy,2024-12-20,
openai,o3-pro,o3-pro,200000,100000,20/80//,,ynyyy,2025-06-10,
openai,o4-mini,o4-mini,200000,100000,1.1/4.4/0.275/,,ynyyy,2025-04-16,
google,gemini-2.5-flash,Gemini 2.5 Flash,1048576,65536,0.3/2.5/0.03/,,yyyyy,2025-06-17,
google,gemini-2.5-flash-lite,Gemini 2.5 Flash-Lite,1048576,65536,0.1/0.4/0.01/,,yyyyy,2025-06-17,
google,gemini-2.5-pro,Gemini 2.5 Pro,1048576,65536,1.25/10/0.125/,200000:2.5/15/0.25/,yyyyy,2025-06-17,
google,gemini-3-flash-preview,Gemini 3 Flash Preview,1048576,65536,0.5/3/0.05/,,yyyyy,2025-12-17,
google,gemini-3.1-flash-lite,Gemini 3.1 Flash Lite,1048576,65536,0.25/1.5/0.025/,,yyyyy,2026-05-07,
google,gemini-3.1-flash-lite-preview,Gemini 3.1 Flash Lite Preview,1048576,65536,0.25/1.5/0.025/,,yyyyy,2026-03-03,
google,gemini-3.1-pro-preview,Gemini 3.1 Pro Preview,1048576,65536,2/12/0.2/,200000:4/18/0.4/,yyyyy,2026-02-19,gemini-pro
google,gemini-3.1-pro-preview-customtools,Gemini 3.1 Pro Preview Custom Tools,1048576,65536,2/12/0.2/,200000:4/18/0.4/,yyyyy,2026-02-19,
google,gemini-3.5-flash,Gemini 3.5 Flash,1048576,65536,1.5/9/0.15/,,yyyyy,2026-05-19,
google,gemini-3.5-flash-lite,Gemini 3.5 Flash Lite,1048576,65536,0.3/2.5/0.03/,,y?yy?,,flash-lite
google,gemini-3.6-flash,Gemini 3.6 Flash,1048576,65536,0.75/3.75/0.075/,,y?yy?,,
google,gemini-3.7-flash,Gemini 3.7 Flash,1048576,65536,0.75/3.75/0.075/,,y?yy?,,
google,gemini-3.8-flash,Gemini 3.8 Flash,1048576,65536,0.75/3.75/0.075/,,y?yy?,,gemini-flash flash
google,gemini-4-argon,Gemini 4 Argon,1048576,32768,2/10/0.1/,,y?yy?,,gemini
google,gemini-flash-latest,Gemini Flash Latest,1048576,65536,1.5/9/0.15/,,yyyyy,2025-09-25,
google,gemini-flash-lite-latest,Gemini Flash-Lite Latest,1048576,65536,0.25/1.5/0.025/,,yyyyy,2025-09-25,
google,gemini-pro-latest,Gemini Pro Latest,1048576,65536,2/12/0.2/,200000:4/18/0.4/,y?yy?,,
google,gemma-4-26b-a4b-it,Gemma 4 26B A4B IT,262144,32768,0/0//,,ynyyy,2026-04-02,
google,gemma-4-31b-it,Gemma 4 31B IT,262144,32768,0/0//,,ynyyy,2026-04-02,
ollama,cogito-2.1:671b,cogito-2.1:671b,163840,32000,0/0//,,nnyy?,,
ollama,deepseek-v3.1:671b,deepseek-v3.1:671b,163840,163840,0/0//,,nnyy?,,
ollama,deepseek-v3.2,deepseek-v3.2,163840,65536,0/0//,,nnyy?,,
ollama,deepseek-v4-flash,deepseek-v4-flash,1048576,1048576,0/0//,,nnyy?,,
ollama,deepseek-v4-pro,deepseek-v4-pro,1048576,1048576,0/0//,,nnyy?,,deepseek
ollama,devstral-2:123b,devstral-2:123b,262144,262144,0/0//,,nnyn?,,
ollama,devstral-small-2:24b,devstral-small-2:24b,262144,262144,0/0//,,ynyn?,,
ollama,gemini-3-flash-preview,gemini-3-flash-preview,1048576,65536,0/0//,,ynyy?,,
ollama,gemma3:12b,gemma3:12b,131072,131072,0/0//,,ynnn?,,
ollama,gemma3:27b,gemma3:27b,131072,131072,0/0//,,ynnn?,,
ollama,gemma3:4b,gemma3:4b,131072,131072,0/0//,,ynnn?,,
ollama,gemma4:31b,gemma4:31b,262144,262144,0/0//,,ynyy?,,gemma
ollama,glm-4.6,glm-4.6,202752,131072,0/0//,,nnyy?,,
ollama,glm-4.7,glm-4.7,202752,131072,0/0//,,nnyy?,,
ollama,glm-5,glm-5,202752,131072,0/0//,,nnyy?,,
ollama,glm-5.1,glm-5.1,202752,131072,0/0//,,nnyy?,,
ollama,glm-5.2,GLM-5.2,976000,131072,0/0//,,nnyyy,,
ollama,gpt-oss:120b,gpt-oss:120b,131072,32768,0/0//,,nnyy?,,
ollama,gpt-oss:20b,gpt-oss:20b,131072,32768,0/0//,,nnyy?,,
ollama,kimi-k2-thinking,kimi-k2-thinking,262144,262144,0/0//,,nnyy?,,
ollama,kimi-k2.5,kimi-k2.5,262144,262144,0/0//,,ynyy?,,
ollama,kimi-k2.6,kimi-k2.6,262144,262144,0/0//,,ynyy?,,
ollama,kimi-k2.7-code,kimi-k2.7-code,262144,262144,0/0//,,ynyyy,,
ollama,kimi-k2:1t,kimi-k2:1t,262144,262144,0/0//,,nnyn?,,
ollama,llama3.1,Llama 3.1,128000,128000,0/0//,,nnyn?,2024-07-23,llama
ollama,minimax-m2,minimax-m2,204800,128000,0/0//,,nnyy?,,
ollama,minimax-m2.1,minimax-m2.1,204800,131072,0/0//,,nnyy?,,
ollama,minimax-m2.5,minimax-m2.5,204800,131072,0/0//,,nnyy?,,
ollama,minimax-m2.7,minimax-m2.7,196608,196608,0/0//,,nnyy?,,
ollama,minimax-m3,minimax-m3,512000,131072,0/0//,,ynyy?,,
ollama,ministral-3:14b,ministral-3:14b,262144,128000,0/0//,,ynyn?,,
ollama,ministral-3:3b,ministral-3:3b,262144,128000,0/0//,,ynyn?,,
ollama,ministral-3:8b,ministral-3:8b,262144,128000,0/0//,,ynyn?,,
ollama,mistral-large-3:675b,mistral-large-3:675b,262144,262144,0/0//,,ynyn?,,
ollama,nemotron-3-nano:30b,nemotron-3-nano:30b,1048576,131072,0/0//,,nnyy?,,
ollama,nemotron-3-super,nemotron-3-super,262144,65536,0/0//,,nnyy?,,
ollama,nemotron-3-ultra,nemotron-3-ultra,262144,128000,0/0//,,nnyy?,,
ollama,qwen3-coder-next,qwen3-coder-next,262144,65536,0/0//,,nnyn?,,qwen-coder
ollama,qwen3-coder:480b,qwen3-coder:480b,262144,65536,0/0//,,nnyn?,,
ollama,qwen3-next:80b,qwen3-next:80b,262144,32768,0/0//,,nnyy?,,
ollama,qwen3-vl:235b,qwen3-vl:235b,262144,32768,0/0//,,ynyy?,,
ollama,qwen3-vl:235b-instruct,qwen3-vl:235b-instruct,262144,131072,0/0//,,ynyn?,,
ollama,qwen3.5:397b,qwen3.5:397b,262144,65536,0/0//,,ynyy?,,qwen
ollama,rnj-1:8b,rnj-1:8b,32768,4096,0/0//,,nnyn?,,
`

export const defaultModels: { readonly [provider: string]: string } = {
  anthropic: 'claude-sonnet-5-5',
  openai: 'gpt-6.1-sol',
  google: 'gemini-4-argon',
  ollama: 'llama3.1',
}
